import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, useState } from "react";
import { BrowserRouter, Route, Routes } from "react-router";
import { ApiError } from "@/data/api";
import { WhyProvider } from "@/signals/WhyProvider";
import { StreamProvider } from "@/stream/StreamProvider";
import { TipProvider } from "@/ui";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

const Overview = lazy(() => import("@/pages/overview"));
const Market = lazy(() => import("@/pages/market"));
const Twins = lazy(() => import("@/pages/twins"));
const Conditional = lazy(() => import("@/pages/conditional"));
const Bearish = lazy(() => import("@/pages/bearish"));
const Tickers = lazy(() => import("@/pages/tickers"));
const Signals = lazy(() => import("@/pages/signals"));
const Review = lazy(() => import("@/pages/review"));
const Backtests = lazy(() => import("@/pages/backtests"));
const Parameters = lazy(() => import("@/pages/parameters"));
const Health = lazy(() => import("@/pages/health"));

/** What the caller got wrong stays wrong: only faults of the way or the server are tried again. */
const worthRetrying = (failures: number, error: Error): boolean =>
  failures < 3 && !(error instanceof ApiError && error.status >= 400 && error.status < 500);

export function App() {
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: { retry: worthRetrying, refetchOnWindowFocus: false, networkMode: "always" },
        },
      }),
  );
  return (
    <QueryClientProvider client={queries}>
      <StreamProvider>
        <TipProvider delayDuration={300}>
          <BrowserRouter>
            <WhyProvider>
              <Routes>
                <Route element={<Shell />}>
                  <Route index element={<Overview />} />
                  <Route path="market" element={<Market />} />
                  <Route path="twins" element={<Twins />} />
                  <Route path="conditional" element={<Conditional />} />
                  <Route path="bearish" element={<Bearish />} />
                  <Route path="tickers" element={<Tickers />} />
                  <Route path="signals" element={<Signals />} />
                  <Route path="review/*" element={<Review />} />
                  <Route path="backtests/*" element={<Backtests />} />
                  <Route path="parameters" element={<Parameters />} />
                  <Route path="health" element={<Health />} />
                  <Route path="*" element={<NotFound />} />
                </Route>
              </Routes>
            </WhyProvider>
          </BrowserRouter>
        </TipProvider>
      </StreamProvider>
    </QueryClientProvider>
  );
}
