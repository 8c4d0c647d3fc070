import { formatBytes, formatCount } from "../../shared/text/format.ts";

/** `1.2 GB`, every byte on hover. */
export function Bytes({ bytes, className }: { readonly bytes: number; readonly className?: string | undefined }) {
  return (
    <span title={`${formatCount(bytes)} bytes`} className={className}>
      {formatBytes(bytes)}
    </span>
  );
}
