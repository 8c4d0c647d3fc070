import { CloudUpload, Copy, Diff, Ellipsis, FolderSearch, History, RotateCcw, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { isRemoteLocation } from "../../../shared/storage/location.ts";
import { useClient } from "../../client/client-context.ts";
import { IconButton } from "../../components/icon-button.tsx";
import { Menu, type MenuItem } from "../../components/menu.tsx";
import { notify, notifyError } from "../../components/toasts.tsx";
import { useHello } from "../../stores/hello.ts";
import { archiveStoreOf } from "../archive/archive-store.ts";
import { anyBackup } from "../compare/other-side.ts";
import { navigate } from "../shell/router.ts";
import { ChecksDialog } from "./checks-dialog.tsx";
import { CopyDialog } from "./copy-dialog.tsx";
import { startVerify } from "./start-verify.ts";
import { texts } from "./texts.ts";

export interface BackupMenuProps {
  readonly path: string;
  /** Which backup it is, for those who listen. */
  readonly name: string;
  /** It can be looked into and restored: not plain SQL, and not on the screen already. */
  readonly isReadable: boolean;
  readonly hasManifest: boolean;
  readonly further?: readonly MenuItem[];
}

/** What else can be done with a backup. */
export function BackupMenu({ path, name, isReadable, hasManifest, further = [] }: BackupMenuProps) {
  const client = useClient();
  const [isCopying, setIsCopying] = useState(false);
  const [isShowingChecks, setIsShowingChecks] = useState(false);
  const canReveal = useHello(({ value }) => value?.capabilities.revealInFolder ?? false);

  const items: (MenuItem | "separator")[] = [
    ...(isReadable
      ? [
          {
            label: texts.restore,
            icon: <RotateCcw aria-hidden />,
            run() {
              archiveStoreOf(client).openWhole(path);
              navigate({ screen: "archive", path });
            },
          },
        ]
      : []),
    { label: texts.verifyRead, icon: <ShieldCheck aria-hidden />, run: () => startVerify(client, path, "read") },
    ...(hasManifest
      ? [
          {
            label: texts.verifyChecksum,
            icon: <ShieldCheck aria-hidden />,
            run: () => startVerify(client, path, "checksum"),
          },
          { label: texts.checks, icon: <History aria-hidden />, run: () => setIsShowingChecks(true) },
        ]
      : []),
    {
      label: texts.compareWith,
      icon: <Diff aria-hidden />,
      run: () => navigate({ screen: "diff", path, with: anyBackup }),
    },
    ...(hasManifest ? [{ label: texts.copyTo, icon: <CloudUpload aria-hidden />, run: () => setIsCopying(true) }] : []),
    "separator",
    ...(canReveal && !isRemoteLocation(path)
      ? [
          {
            label: texts.reveal,
            icon: <FolderSearch aria-hidden />,
            run: () =>
              void client
                .invoke("shell.reveal", { path })
                .catch((thrown: unknown) => notifyError(toErrorValue(thrown))),
          },
        ]
      : []),
    {
      label: texts.copyPath,
      icon: <Copy aria-hidden />,
      run: () => void navigator.clipboard.writeText(path).then(() => notify({ tone: "good", title: texts.pathCopied })),
    },
    ...further,
  ];
  return (
    <>
      <Menu
        trigger={
          <IconButton label={texts.moreActions(name)}>
            <Ellipsis aria-hidden />
          </IconButton>
        }
        items={items}
      />
      {isShowingChecks ? <ChecksDialog path={path} name={name} onClose={() => setIsShowingChecks(false)} /> : null}
      {isCopying ? <CopyDialog path={path} name={name} onClose={() => setIsCopying(false)} /> : null}
    </>
  );
}
