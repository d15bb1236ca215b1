import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Signals() {
  const { t } = useTranslation();
  return <Page title={t("nav.signals")}>{null}</Page>;
}
