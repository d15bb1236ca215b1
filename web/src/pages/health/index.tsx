import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Health() {
  const { t } = useTranslation();
  return <Page title={t("nav.health")}>{null}</Page>;
}
