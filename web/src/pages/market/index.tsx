import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Market() {
  const { t } = useTranslation();
  return <Page title={t("nav.market")}>{null}</Page>;
}
