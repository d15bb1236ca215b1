import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Conditional() {
  const { t } = useTranslation();
  return <Page title={t("nav.conditional")}>{null}</Page>;
}
