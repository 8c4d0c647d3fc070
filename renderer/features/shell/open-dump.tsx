import { Button, type ButtonProps } from "../../components/button.tsx";
import { usePickArchive } from "../../components/pick-path.ts";
import { navigate } from "./router.ts";
import { texts } from "./texts.ts";

/** Lets a person choose any archive of this computer and opens it. */
export function OpenDumpButton(props: Pick<ButtonProps, "size" | "variant">) {
  const pick = usePickArchive();

  async function open(): Promise<void> {
    const path = await pick();
    if (path !== null) navigate({ screen: "archive", path });
  }

  return (
    <Button {...props} onClick={() => void open()}>
      {texts.openDump}
    </Button>
  );
}
