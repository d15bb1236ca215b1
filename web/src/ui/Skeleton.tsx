import styles from "./Skeleton.module.css";

/** A place where something will appear, of its size. */
export function Skeleton({
  width = "100%",
  height = 14,
}: {
  width?: number | string;
  height?: number | string;
}) {
  return <span className={styles.skeleton} style={{ width, height }} aria-hidden="true" />;
}
