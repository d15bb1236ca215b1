import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import styles from "./Confirm.module.css";
import { Sheet } from "./Sheet";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  /** What it means, and that it cannot be taken back. */
  about: string;
  /** What is done, as a verb. */
  yes: string;
  onYes: () => void;
}

/** Asks before something is lost. */
export function Confirm({ open, onClose, title, about, yes, onYes }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet open={open} onClose={onClose} title={title} side="center">
      <p>{about}</p>
      <div className={styles.answers}>
        <Button onClick={onClose}>{t("common.keep")}</Button>
        <Button
          kind="danger"
          onClick={() => {
            onClose();
            onYes();
          }}
        >
          {yes}
        </Button>
      </div>
    </Sheet>
  );
}
