import { useRef, useState } from "react";
import { useStore } from "zustand";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/text-field.tsx";
import { passwordQuestion } from "./start-backup.ts";
import { texts } from "./texts.ts";

/** Asks for a password that a backup needs; once in the window. */
export function PasswordDialog() {
  const question = useStore(passwordQuestion, (state) => state.question);
  const input = useRef<HTMLInputElement>(null);
  const [password, setPassword] = useState("");
  if (question === null) return null;

  function answer(given: string | null): void {
    setPassword("");
    question?.answer(given);
  }

  return (
    <Dialog
      open
      size="small"
      title={texts.passwordTitle(visibleText(question.name))}
      description={texts.passwordText}
      initialFocus={input}
      onOpenChange={(open) => {
        if (!open) answer(null);
      }}
      footer={
        <>
          <Button onClick={() => answer(null)}>{texts.cancelAsking}</Button>
          <Button variant="primary" type="submit" form="lifeboat-password" disabled={password === ""}>
            {texts.backUp}
          </Button>
        </>
      }
    >
      <form
        id="lifeboat-password"
        onSubmit={(event) => {
          event.preventDefault();
          if (password !== "") answer(password);
        }}
      >
        <TextField
          ref={input}
          type="password"
          label={texts.password}
          value={password}
          error={question.isWrong ? texts.passwordWrong : null}
          onChange={setPassword}
        />
      </form>
    </Dialog>
  );
}
