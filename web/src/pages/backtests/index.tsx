import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Backtests() {
  const { t } = useTranslation();
  return <Page title={t("nav.backtests")}>{null}</Page>;
}
