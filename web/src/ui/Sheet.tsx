import * as Dialog from "@radix-ui/react-dialog";
import { useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { classes } from "./classes";
import styles from "./Sheet.module.css";

interface Props {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  /** `right`: details at the side, from below on a phone. `left`: the drawer. `center`: a question. */
  side?: "right" | "left" | "center";
  children: ReactNode;
}

/** A dialog: keeps the focus, closes with Escape, gives the focus back. */
export function Sheet({ open, onClose, title, side = "right", children }: Props) {
  const { t } = useTranslation();
  const opener = useRef<Element | null>(null);
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.shade} />
        <Dialog.Content
          className={classes(styles.sheet, styles[side])}
          aria-describedby={undefined}
          onOpenAutoFocus={() => {
            opener.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            // Radix would give the focus to a trigger of its own, and these dialogs are opened from anywhere.
            event.preventDefault();
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
        >
          <header className={styles.header}>
            <Dialog.Title className={styles.title}>{title}</Dialog.Title>
            <Dialog.Close asChild>
              <Button kind="quiet" icon="close" label={t("common.close")} />
            </Dialog.Close>
          </header>
          <div className={styles.body}>{children}</div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
