import type { HTMLAttributes, ReactNode } from "react";
import styles from "./Card.module.css";
import { classes } from "./classes";

interface Props extends Omit<HTMLAttributes<HTMLElement>, "title"> {
  title?: ReactNode;
  /** On the right of the title: a badge, a button. */
  aside?: ReactNode;
  /** Without inner space at the sides, for tables and charts. */
  flush?: boolean;
  level?: 2 | 3;
}

export function Card({ title, aside, flush = false, level = 2, className, children, ...rest }: Props) {
  const Heading = `h${level}` as const;
  return (
    <section className={classes(styles.card, flush && styles.flush, className)} {...rest}>
      {(title !== undefined || aside !== undefined) && (
        <header className={styles.header}>
          {title !== undefined && <Heading className={styles.title}>{title}</Heading>}
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}
