import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Bearish() {
  const { t } = useTranslation();
  return <Page title={t("nav.bearish")}>{null}</Page>;
}
