import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Twins() {
  const { t } = useTranslation();
  return <Page title={t("nav.twins")}>{null}</Page>;
}
