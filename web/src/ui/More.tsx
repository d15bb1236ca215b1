import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import styles from "./More.module.css";

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** Brings the next page of a list that is read in pages; nothing on the last one. */
export function More({ pages: { hasNextPage, isFetchingNextPage, fetchNextPage } }: { pages: Pages }) {
  const { t } = useTranslation();
  return (
    hasNextPage && (
      <p className={styles.more}>
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t(isFetchingNextPage ? "common.loading" : "common.loadMore")}
        </Button>
      </p>
    )
  );
}
