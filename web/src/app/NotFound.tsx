import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { EmptyState, Page } from "@/ui";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("common.notFound")}>
      <EmptyState title={t("common.notFoundAbout")}>
        <Link to="/">{t("nav.overview")}</Link>
      </EmptyState>
    </Page>
  );
}
