import { Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation } from "react-router";
import { isCurrent } from "@/stream/feed";
import { useFeed } from "@/stream/hooks";
import { Sheet } from "@/ui";
import { BottomTabs } from "./BottomTabs";
import { Boundary } from "./Boundary";
import { GateBanner } from "./GateBanner";
import { Loading } from "./Loading";
import { MarketPulse } from "./MarketPulse";
import { preferences, usePreferences } from "./preferences";
import styles from "./Shell.module.css";
import { Navigation, Rules } from "./Sidebar";

/** The frame around every page. */
export function Shell() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const { sidebar } = usePreferences();
  const feed = useFeed();
  const [drawer, setDrawer] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const toggle = () => {
    if (window.matchMedia("(max-width: 768px)").matches) setDrawer(true);
    else preferences.set("sidebar", sidebar === "open" ? "closed" : "open");
  };
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true }); // so that a screen reader reads the new page
  }, [pathname]);
  return (
    <div className={styles.shell} data-sidebar={sidebar} data-current={isCurrent(feed)} data-feed={feed}>
      <a className={styles.skip} href="#main">
        {t("common.skip")}
      </a>
      <MarketPulse onMenu={toggle} expanded={sidebar === "open"} />
      <aside className={styles.sidebar} aria-label={t("nav.label")}>
        <Navigation compact={sidebar === "closed"} />
        {sidebar === "open" && <Rules />}
      </aside>
      <div className={styles.content}>
        <GateBanner />
        <main id="main" ref={main} tabIndex={-1} className={styles.main}>
          <Boundary key={pathname}>
            <Suspense fallback={<Loading />}>
              <Outlet />
            </Suspense>
          </Boundary>
        </main>
        <footer className={styles.footer}>
          <p>{t("common.disclaimer")}</p>
          <p>
            <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
              {t("common.chartsBy")}
            </a>
          </p>
        </footer>
      </div>
      <BottomTabs onMore={() => setDrawer(true)} />
      <Sheet open={drawer} onClose={() => setDrawer(false)} title={t("nav.label")} side="left">
        <Navigation onGo={() => setDrawer(false)} />
        <Rules />
      </Sheet>
    </div>
  );
}
