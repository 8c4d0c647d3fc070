import { FileKey } from "lucide-react";
import { useRef, useState } from "react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import styles from "./keys-screen.module.css";
import { texts } from "./texts.ts";

export interface ChosenKit {
  readonly name: string;
  readonly text: string;
}

export interface KitFileProps {
  readonly kit: ChosenKit | null;
  /** What the button asks for; left out: a recovery kit. */
  readonly choose?: string | undefined;
  onChoose(kit: ChosenKit): void;
}

/** A kit is a page of text; anything larger is another file. */
const mostBytes = 100_000;

/** Lets a person choose a recovery kit, or an SSH key. Only its text is read, here: the services see no path. */
export function KitFile({ kit, choose = texts.chooseKit, onChoose }: KitFileProps) {
  const input = useRef<HTMLInputElement>(null);
  const [isTooLarge, setIsTooLarge] = useState(false);

  async function read(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    setIsTooLarge(file.size > mostBytes);
    if (file.size <= mostBytes) onChoose({ name: file.name, text: await file.text() });
  }

  return (
    <div className={styles.file}>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={choose}
        onChange={(event) => void read(event.target.files?.[0])}
      />
      <Button icon={<FileKey aria-hidden />} onClick={() => input.current?.click()}>
        {kit === null ? choose : texts.otherKit}
      </Button>
      <span role="status" className={styles.note}>
        {isTooLarge ? texts.kitTooLarge : kit === null ? null : texts.kitChosen(visibleText(kit.name))}
      </span>
    </div>
  );
}
