import * as Dialog from "@radix-ui/react-dialog";
import type { ReactNode } from "react";
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
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.shade} />
        <Dialog.Content className={classes(styles.sheet, styles[side])} aria-describedby={undefined}>
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
