import { Skeleton } from "@/ui";
import styles from "./Loading.module.css";

/** The shape of a page while its code is on the way. */
export function Loading() {
  return (
    <div className={styles.loading} aria-hidden="true">
      <Skeleton width={180} height={24} />
      <div className={styles.cards}>
        {[0, 1, 2].map((n) => (
          <Skeleton key={n} height={180} />
        ))}
      </div>
    </div>
  );
}
