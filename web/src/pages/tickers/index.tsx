import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Tickers() {
  const { t } = useTranslation();
  return <Page title={t("nav.tickers")}>{null}</Page>;
}
