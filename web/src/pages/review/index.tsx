import { useTranslation } from "react-i18next";
import { Page } from "@/ui";

export default function Review() {
  const { t } = useTranslation();
  return <Page title={t("nav.review")}>{null}</Page>;
}
