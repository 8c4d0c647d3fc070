import type { Settings } from "../../../shared/contract/views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { Card } from "../../components/card.tsx";
import { RadioCards } from "../../components/radio-cards.tsx";
import { notifyError } from "../../components/toasts.tsx";
import { useSettings } from "../../stores/settings.ts";
import { texts, themes } from "./texts.ts";

/** Light or dark, in every window at once. */
export function AppearanceCard({ theme }: { readonly theme: Settings["theme"] }) {
  const change = useSettings((state) => state.change);
  return (
    <Card title={texts.appearance}>
      <RadioCards
        dense
        label={texts.theme}
        value={theme}
        options={themes.map(({ value, label, text }) => ({ value, title: label, detail: text }))}
        onChange={(next) => {
          change({ theme: next }).catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
        }}
      />
    </Card>
  );
}
