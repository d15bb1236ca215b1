import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Parameters() {
  const { t } = useTranslation();
  return <Page title={t("nav.parameters")}>{null}</Page>;
}
