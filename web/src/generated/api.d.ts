// Made by `npm run generate` from the OpenAPI document. Do not edit.

export interface paths {
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Health
         * @description 200 while the line works (a database that is away only degrades it), 503 when no data flows.
         */
        get: operations["health_api_health_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Alive
         * @description 200 as long as this process answers, whatever the line does: for supervisors.
         */
        get: operations["alive_api_health_live_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Dead Letters
         * @description Dead letters of this namespace, newest first. `ptj dead-letters --reinject` puts back those that may go back.
         */
        get: operations["dead_letters_api_dead_letters_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Prices
         * @description All tickers of the book. `stale` is true when the market is open and nothing has come for a while.
         */
        get: operations["prices_api_prices_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/prices/{symbol}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Price Of
         * @description One ticker, in any case.
         */
        get: operations["price_of_api_prices__symbol__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/tickers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tickers
         * @description The book of the trade date: tickers with the rules that read them, pairs, and the signals of the catalogue.
         */
        get: operations["tickers_api_config_tickers_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/signals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Signals
         * @description All signals of the trade date. `state` other than `ok` means that nothing can be said, and decisions are null.
         */
        get: operations["signals_api_signals_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/signals/{signal_type}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Signal
         * @description One part of `/api/signals`.
         */
        get: operations["signal_api_signals__signal_type__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/parameters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Current
         * @description The parameters in force, with limits for forms. `ETag` is the version.
         */
        get: operations["current_api_config_parameters_get"];
        /**
         * Change
         * @description Change any subset. Of two writers at once the first in the log wins, and the other one gets 409.
         *
         *     The answer comes after the change was read back from the log: from its position on every agent judges by it.
         */
        put: operations["change_api_config_parameters_put"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config/parameters/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Versions
         * @description Every set of parameters that was in force, newest first, with what it changed.
         *
         *     A change is written to the log first and stored a moment later: it may be in force before it is here.
         */
        get: operations["versions_api_config_parameters_history_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events
         * @description Signal events from the archive, newest first.
         */
        get: operations["events_api_events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/bars/{symbol}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Bars
         * @description Bars of one symbol: minutes of one trade date, added up to the interval on clock time, or days.
         */
        get: operations["bars_api_bars__symbol__get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/replay/{date}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replay
         * @description Replay a trade date: its prices as frames through the same agents, a snapshot at each step.
         */
        post: operations["replay_api_replay__date__post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backtest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Backtest
         * @description Run the signals and a portfolio over a span of trade dates.
         */
        post: operations["backtest_api_backtest_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sweep": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sweep
         * @description Run a backtest for every combination of parameter values.
         */
        post: operations["sweep_api_sweep_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Runs
         * @description Runs, newest first.
         */
        get: operations["runs_api_runs_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Run
         * @description One run: where it stands, its summary, and when it has finished its result.
         */
        get: operations["run_api_runs__run_id__get"];
        put?: never;
        post?: never;
        /**
         * Delete
         * @description Cancel a run that waits or is under way (202), or remove one that has ended (204).
         */
        delete: operations["delete_api_runs__run_id__delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Run Stream
         * @description Server-sent events: `progress` as the run goes on, `status` every 2 s, and when it has ended its `signal`
         *     and `trade` events in market time, then `done`. With `Last-Event-ID` it goes on behind that event. A run that has ended
         *     tells all at once; with `speed`, at that many market seconds per second. A client that was told `done` gets 204.
         */
        get: operations["run_stream_api_runs__run_id__stream_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events
         * @description Signal events of a run, in canonical order.
         */
        get: operations["events_api_runs__run_id__events_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_id}/trades": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Trades
         * @description Trades of a run, oldest first; at one time sales before purchases.
         */
        get: operations["trades_api_runs__run_id__trades_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_id}/equity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Equity
         * @description The equity curve of a run by trade date.
         */
        get: operations["equity_api_runs__run_id__equity_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_id}/lanes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lanes
         * @description The parameter sets of a sweep, sorted by a metric; those that lack it come last.
         */
        get: operations["lanes_api_runs__run_id__lanes_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_id}/snapshots": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Snapshots
         * @description The snapshots that a replay took, oldest first.
         */
        get: operations["snapshots_api_runs__run_id__snapshots_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/runs/{run_id}/report.html": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Report
         * @description The report of a finished run as a download: the file that `ptj runs show RUN --html FILE` writes.
         */
        get: operations["report_api_runs__run_id__report_html_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Sessions
         * @description Review sessions, newest date first.
         */
        get: operations["sessions_api_sessions_get"];
        put?: never;
        /**
         * Create
         * @description Begin a review of a trade date. `POST /api/replay/{date}` with its id fills it with snapshots.
         */
        post: operations["create_api_sessions_post"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Session
         * @description One session; `limit` and `offset` page through its snapshots, oldest first. `ETag` is that of its notes.
         */
        get: operations["session_api_sessions__session_id__get"];
        put?: never;
        post?: never;
        /**
         * Delete
         * @description Remove a session with its snapshots. A replay that runs for it is cancelled.
         */
        delete: operations["delete_api_sessions__session_id__delete"];
        options?: never;
        head?: never;
        /**
         * Change
         * @description Write other notes. With `If-Match`, of two writers the second gets 409 and is told what the first wrote.
         */
        patch: operations["change_api_sessions__session_id__patch"];
        trace?: never;
    };
    "/api/config/trading-days": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Dates
         * @description The trading days of a span of at most 400 days.
         */
        get: operations["dates_api_config_trading_days_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/stream/prices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream Prices
         * @description Server-sent events. Without `Last-Event-ID`: `snapshot`, then live. With it: the `signal` events
         *     that were missed, then the current values, then live. An id that names no event of the log: `reset`, then `snapshot`.
         *     `status` comes every 2 s.
         */
        get: operations["stream_prices_api_stream_prices_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/stream/signals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream Signals
         * @description Server-sent events. Without `Last-Event-ID`: `snapshot`, then live. With it: the `signal` events
         *     that were missed, then the current values, then live. An id that names no event of the log: `reset`, then `snapshot`.
         *     `status` comes every 2 s.
         */
        get: operations["stream_signals_api_stream_signals_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * RunKind
         * @description What a run is for. A sweep is a row that its shards report to; only the others are taken by workers.
         * @enum {unknown}
         */
        RunKind: "backtest" | "replay" | "shard" | "sweep";
        /**
         * RunStatus
         * @description requested → running → finished, failed or cancelled.
         * @enum {unknown}
         */
        RunStatus: "cancelled" | "failed" | "finished" | "requested" | "running";
        /** Alive */
        Alive: {
            /**
             * @default ok
             * @enum {unknown}
             */
            status: "ok";
        };
        /**
         * BearishNow
         * @description The market. It also carries the change of each index, `<symbol>_pct`, in lower case.
         */
        BearishNow: {
            state: components["schemas"]["SignalState"];
            is_actionable: boolean;
            suppressed_by: string[];
            since: string | null;
            pending: boolean;
            param_version: number | null;
            message?: string | null;
            event_time?: string;
            thresholds?: {
                [key: string]: number | null;
            };
            missing?: string[];
            suspect?: string[];
            stale?: string[];
            regime: string;
            market_down: boolean | null;
            gold_up: boolean | null;
            bearish_picks: components["schemas"]["Pick"][];
        };
        /**
         * SignalState
         * @description Whether a signal can be judged, the stronger reason first.
         * @enum {unknown}
         */
        SignalState: "insufficient_data" | "market_closed" | "ok" | "stale" | "suspect";
        /** Pick */
        Pick: {
            ticker: string;
            name: string;
            change_pct: number | null;
        };
        /**
         * Candles
         * @description Bars of one symbol, oldest first.
         */
        Candles: {
            symbol: string;
            interval: string;
            trade_date: string | null;
            items: components["schemas"]["Candle"][];
        };
        /**
         * Candle
         * @description One bar. It covers (start, end]; prices in quote currency per share, volume in shares.
         */
        Candle: {
            start: string | null;
            end: string | null;
            /** Format: date */
            trade_date: string;
            session: string | null;
            open: number;
            high: number;
            low: number;
            close: number;
            volume: number | null;
            source: string;
            /** @default false */
            provisional: boolean;
        };
        /** ConditionalNow */
        ConditionalNow: {
            state: components["schemas"]["SignalState"];
            is_actionable: boolean;
            suppressed_by: string[];
            since: string | null;
            pending: boolean;
            param_version: number | null;
            message?: string | null;
            event_time?: string;
            thresholds?: {
                [key: string]: number | null;
            };
            missing?: string[];
            suspect?: string[];
            stale?: string[];
            triggers: {
                [key: string]: components["schemas"]["Trigger"];
            };
            target: string;
            target_pct: number | null;
            all_positive: boolean | null;
        };
        /** Trigger */
        Trigger: {
            change_pct: number | null;
            positive: boolean | null;
        };
        /**
         * ErrorAnswer
         * @description Every answer that is not a success, but for the whole picture that health gives with its 503.
         */
        ErrorAnswer: {
            error: components["schemas"]["Problem"];
        };
        /**
         * Problem
         * @description `code` is for programs, `message` for people; what `details` has depends on the code.
         */
        Problem: {
            code: string;
            message: string;
            details: Record<string, never>;
        };
        /**
         * Events
         * @description A page of signal events, newest first. `next_cursor` is null on the last page.
         */
        Events: {
            items: components["schemas"]["Told"][];
            next_cursor: string | null;
        };
        /**
         * Told
         * @description A signal event as people and programs read it, on the stream and in the history alike.
         */
        Told: {
            event_id: string;
            event_time: string;
            /** Format: date */
            trade_date: string;
            session: components["schemas"]["Session"];
            signal_type: string;
            subject: string;
            before: components["schemas"]["Verdict"] | null;
            after: components["schemas"]["Verdict"];
            is_actionable: boolean;
            data: Record<string, never>;
            parameter_version: number | null;
            position: number | null;
            namespace: string;
        };
        /**
         * Session
         * @description Where a trade date stands. Each span is (start, end]: a frame at the close still belongs to `regular`.
         * @enum {unknown}
         */
        Session: "after" | "closed" | "pre" | "regular";
        /**
         * Verdict
         * @description What is said of one subject; an edge is any change of it. No floats: ids are the same live and replayed.
         */
        Verdict: {
            state: components["schemas"]["SignalState"];
            decision: string | null;
            /** @default false */
            is_actionable: boolean;
            /** @default [] */
            suppressed_by: string[];
        };
        /** GoldNow */
        GoldNow: {
            state: components["schemas"]["SignalState"];
            is_actionable: boolean;
            suppressed_by: string[];
            since: string | null;
            pending: boolean;
            param_version: number | null;
            message?: string | null;
            event_time?: string;
            thresholds?: {
                [key: string]: number | null;
            };
            missing?: string[];
            suspect?: string[];
            stale?: string[];
            ticker: string;
            change_pct: number | null;
            warning: boolean | null;
            phase: string | null;
            day_ban: boolean | null;
            late?: boolean;
        };
        /**
         * Health
         * @description The line at a glance. `reasons`: what is not as it should be, the worst first; none while `status` is ok.
         */
        Health: {
            /** @enum {unknown} */
            status: "degraded" | "ok" | "starting";
            reasons: string[];
            namespace: string;
            demo: boolean;
            session: components["schemas"]["Session"] | null;
            trade_date: string | null;
            market_time: string | null;
            server_time: string;
            kafka: components["schemas"]["Broker"];
            postgres: components["schemas"]["Store"];
            producer: components["schemas"]["Producing"];
            tickers: {
                [key: string]: components["schemas"]["TickerHealth"];
            };
            ticks: components["schemas"]["LogEnd"];
            agents: {
                [key: string]: components["schemas"]["AgentProgress"];
            };
            parameters: components["schemas"]["InForce"];
            clients: number;
        };
        /** Broker */
        Broker: {
            /** @enum {unknown} */
            status: "down" | "up";
        };
        /** Store */
        Store: {
            /** @enum {unknown} */
            status: "down" | "up";
            reason: string | null;
        };
        /**
         * Producing
         * @description What comes in. `feed` is as in `Status`.
         */
        Producing: {
            feed: string;
            last_tick_age_ms: number | null;
            symbols_ok: number;
            symbols_missing: string[];
        };
        /** TickerHealth */
        TickerHealth: {
            state: components["schemas"]["QuoteState"];
            age_ms: number | null;
            reason: string | null;
        };
        /**
         * QuoteState
         * @description What a quote is worth. Only `ok` carries a change that a rule may judge by.
         * @enum {unknown}
         */
        QuoteState: "missing" | "ok" | "stale" | "suspect";
        /** LogEnd */
        LogEnd: {
            end: number | null;
        };
        /**
         * AgentProgress
         * @description Offset on ticks up to which an agent's published state stands, and the records behind it.
         */
        AgentProgress: {
            position: number | null;
            lag: number | null;
        };
        /** InForce */
        InForce: {
            version: number | null;
        };
        /**
         * Letters
         * @description A page of dead letters, newest first. `waiting`: those of `total` that were not put back.
         */
        Letters: {
            items: components["schemas"]["Letter"][];
            total: number;
            waiting: number;
        };
        /**
         * Letter
         * @description A record that could not be used. What looks like a secret in `reason` and `preview` is three stars.
         */
        Letter: {
            place: string;
            topic: string;
            partition: number;
            offset: number;
            reason: string;
            reported_by: string;
            reported_at: string;
            reinjected_at: string | null;
            size: number | null;
            /** @enum {unknown} */
            content: "bytes" | "none" | "text";
            preview: string | null;
            cut: boolean;
        };
        /**
         * PairNow
         * @description Twins. Changes in percent, `gap` in percentage points.
         */
        PairNow: {
            state: components["schemas"]["SignalState"];
            is_actionable: boolean;
            suppressed_by: string[];
            since: string | null;
            pending: boolean;
            param_version: number | null;
            message?: string | null;
            event_time?: string;
            thresholds?: {
                [key: string]: number | null;
            };
            missing?: string[];
            suspect?: string[];
            stale?: string[];
            key: string;
            pair: string;
            lead: string;
            follow: string;
            lead_pct: number | null;
            follow_pct: number | null;
            gap: number | null;
            signal: string | null;
            direction: string | null;
        };
        /**
         * ParameterVersions
         * @description A page of sets, newest first. `next_cursor` is null on the last page.
         */
        ParameterVersions: {
            items: components["schemas"]["ParameterVersion"][];
            next_cursor: string | null;
        };
        /**
         * ParameterVersion
         * @description A set that came into force. `changes` is null where no set before it is stored: there is nothing to compare.
         */
        ParameterVersion: {
            version: number;
            changed_at: string;
            changed_by: string;
            position: number;
            beginning: boolean;
            changes: components["schemas"]["ParameterChange"][] | null;
        };
        /**
         * ParameterChange
         * @description One parameter, as it was and as it became.
         */
        ParameterChange: {
            name: string;
            before: boolean | number | null;
            after: boolean | number | null;
        };
        /**
         * ParametersAnswer
         * @description The parameters in force with the limits of each by its name.
         */
        ParametersAnswer: {
            version: number;
            updated_at: string | null;
            parameters: components["schemas"]["Parameters"];
            limits: {
                [key: string]: components["schemas"]["Limit"];
            };
        };
        /**
         * Parameters
         * @description One set. Percentages are in percent, times in market seconds unless the name says minutes.
         */
        Parameters: {
            /** @default 0.3 */
            pair_gap_sell_threshold: number;
            /** @default 1.5 */
            pair_gap_entry_threshold: number;
            /** @default -3 */
            stop_loss_pct: number | null;
            /** @default 20000000 */
            max_trade_amount_krw: number;
            /** @default 5 */
            split_buy_interval_min: number;
            /** @default 1 */
            refresh_interval_sec: number;
            /** @default 0 */
            gold_threshold_pct: number;
            /** @default 0 */
            conditional_trigger_pct: number;
            /** @default 0 */
            bearish_index_threshold_pct: number;
            /** @default 30 */
            gold_observe_minutes: number;
            /** @default 0.2 */
            alloc_twin: number;
            /** @default 0.2 */
            alloc_cond: number;
            /** @default 0.1 */
            alloc_bear: number;
            /** @default 1000 */
            initial_capital_usd: number;
            /** @default 0.25 */
            commission_pct: number;
            /** @default 0.00278 */
            sec_fee_pct: number;
            /** @default 0.1 */
            fx_spread_pct: number;
            /** @default true */
            use_fees: boolean;
            /** @default 10 */
            max_quote_age_sec: number;
            /** @default 120 */
            max_quote_age_extended_sec: number;
            /** @default 3 */
            confirm_sec: number;
        };
        /**
         * Limit
         * @description What a form needs to know of a parameter.
         */
        Limit: {
            min: number | null;
            max: number | null;
            nullable: boolean;
            default: boolean | number | null;
            unit: string;
            step: number;
            note: string;
        };
        /**
         * Price
         * @description A quote as people read it. Prices in quote currency per share, `change_pct` in percent of `prev_close`.
         */
        Price: {
            symbol: string;
            name: string;
            name_en: string;
            category: string;
            price: number | null;
            prev_close: number | null;
            change_pct: number | null;
            open: number | null;
            high: number | null;
            low: number | null;
            volume: number | null;
            bid: number | null;
            ask: number | null;
            event_time: string | null;
            received_at: string | null;
            traded_at: string | null;
            age_ms: number | null;
            trade_date: string | null;
            session: components["schemas"]["Session"] | null;
            state: components["schemas"]["QuoteState"];
            reason: string | null;
            source: string | null;
            position: number | null;
        };
        /**
         * Prices
         * @description All tickers of the book. `stale`: the market is open and nothing has come for a while.
         */
        Prices: {
            as_of: string | null;
            trade_date: string | null;
            session: components["schemas"]["Session"] | null;
            stale: boolean;
            demo: boolean;
            tickers: {
                [key: string]: components["schemas"]["Price"];
            };
        };
        /**
         * Registry
         * @description The book of the trade date. Lists are in its order.
         */
        Registry: {
            book: string;
            timezone: string;
            tickers: components["schemas"]["TickerInfo"][];
            pairs: components["schemas"]["Pair"][];
            conditional: components["schemas"]["Triggers"];
            bearish: string[];
            indices: string[];
            gold: string;
            signals: components["schemas"]["CatalogueEntry"][];
        };
        /**
         * TickerInfo
         * @description One symbol of the book. `rules`: the signals that read it.
         */
        TickerInfo: {
            symbol: string;
            name_ko: string;
            name_en: string;
            category: string;
            exchange: string;
            leverage: number;
            tradable: boolean;
            rules: string[];
        };
        /**
         * Pair
         * @description Twins: when `follow` lags behind `lead`, it may catch up.
         */
        Pair: {
            key: string;
            label: string;
            lead: string;
            follow: string;
        };
        /**
         * Triggers
         * @description What the conditional signal reads: buy `target` when all `triggers` are up.
         */
        Triggers: {
            triggers: string[];
            target: string;
        };
        /**
         * CatalogueEntry
         * @description A signal that is computed. `type` is its name everywhere, the titles are for people.
         */
        CatalogueEntry: {
            type: string;
            title_en: string;
            title_ko: string;
        };
        /**
         * Signals
         * @description All signals of the catalogue; one that is not among these five is told as the list of its views.
         */
        Signals: {
            as_of: string | null;
            trade_date: string | null;
            session: components["schemas"]["Session"] | null;
            param_version: number | null;
            stale: boolean;
            demo: boolean;
            gate: components["schemas"]["Gate"];
            gold?: components["schemas"]["GoldNow"];
            twin_pairs?: components["schemas"]["PairNow"][];
            conditional?: components["schemas"]["ConditionalNow"];
            stop_loss?: components["schemas"]["StopLossNow"];
            bearish?: components["schemas"]["BearishNow"];
        };
        /**
         * Gate
         * @description Whether new buys are allowed at all, and if not why.
         */
        Gate: {
            new_buys_allowed: boolean | null;
            reasons: string[];
            trade_date: string | null;
            latched_at: string | null;
            day_ban?: boolean | null;
            late?: boolean;
            market_down?: boolean | null;
        };
        /**
         * StopLossNow
         * @description Symbols at or below the stop line, and those that cannot be judged.
         */
        StopLossNow: {
            state: components["schemas"]["SignalState"];
            alerts: components["schemas"]["StopAlert"][];
            unmonitored: string[];
        };
        /** StopAlert */
        StopAlert: {
            state: components["schemas"]["SignalState"];
            is_actionable: boolean;
            suppressed_by: string[];
            since: string | null;
            pending: boolean;
            param_version: number | null;
            message?: string | null;
            event_time?: string;
            thresholds?: {
                [key: string]: number | null;
            };
            missing?: string[];
            suspect?: string[];
            stale?: string[];
            ticker: string;
            change_pct: number | null;
            stop_loss: boolean;
            tradable: boolean;
        };
        /**
         * StreamEvents
         * @description The data of an event by the name of the event.
         */
        StreamEvents: {
            snapshot: components["schemas"]["StreamSnapshot"];
            tick: components["schemas"]["StreamTick"];
            view: components["schemas"]["StreamView"];
            signal: components["schemas"]["Told"];
            config: components["schemas"]["Config"] | null;
            status: components["schemas"]["Status"];
            reset: components["schemas"]["StreamReset"];
        };
        /**
         * StreamSnapshot
         * @description Everything at one moment. `id` is that of the newest signal event: a client resumes behind it.
         */
        StreamSnapshot: {
            id: string;
            status: components["schemas"]["Status"];
            config: components["schemas"]["Config"] | null;
            signals: components["schemas"]["CatalogueEntry"][];
            views: components["schemas"]["SignalView"][];
            events: components["schemas"]["Told"][];
            prices?: components["schemas"]["Prices"];
        };
        /**
         * Status
         * @description How things stand: sent every 2 s, so it is the heartbeat too.
         */
        Status: {
            feed: string;
            age_ms: number | null;
            /** @enum {unknown} */
            kafka: "down" | "up";
            session: components["schemas"]["Session"] | null;
            trade_date: string | null;
            opens_at: string | null;
            closes_at: string | null;
            market_time: string | null;
            market_speed: number;
            server_time: string;
            parameter_version: number | null;
            symbols_ok: number;
            symbols_missing: string[];
            namespace: string;
            demo: boolean;
        };
        /**
         * Config
         * @description The parameters in force.
         */
        Config: {
            version: number;
            updated_at: string | null;
            parameters: components["schemas"]["Parameters"];
        };
        /**
         * SignalView
         * @description The current full picture of one subject, for people and programs that join late.
         */
        SignalView: {
            book: string;
            signal_type: string;
            subject: string;
            /** Format: date-time */
            event_time: string;
            /** Format: date */
            trade_date: string;
            session: components["schemas"]["Session"];
            verdict: components["schemas"]["Verdict"] | null;
            since: string | null;
            data: Record<string, never>;
            parameter_version: number;
            position: number;
            /** @default 1 */
            v: number;
        };
        /**
         * StreamTick
         * @description Prices that changed, by symbol.
         */
        StreamTick: {
            tickers: {
                [key: string]: components["schemas"]["Price"];
            };
        };
        /**
         * StreamView
         * @description Views that changed.
         */
        StreamView: {
            views: components["schemas"]["SignalView"][];
        };
        /**
         * StreamReset
         * @description What was known is void; a snapshot follows.
         */
        StreamReset: {
            reason: string;
        };
        /**
         * TradingDates
         * @description The trading days of an exchange (ISO 10383 code) within a span, oldest first.
         *
         *         `over`: the newest trading day whose bars change no more, the last one that a run can have.
         */
        TradingDates: {
            calendar: string;
            /** Format: date */
            over: string;
            items: string[];
        };
        /**
         * Accepted
         * @description A run that waits for a worker. `run` and `stream` are where to look.
         */
        Accepted: {
            run_id: string;
            kind: components["schemas"]["RunKind"];
            status: string;
            ahead: number;
            run: string;
            stream: string;
        };
        /**
         * Run
         * @description A run. `request` is as the worker takes it, the lanes of a shard left out.
         */
        Run: {
            run_id: string;
            kind: components["schemas"]["RunKind"];
            status: components["schemas"]["RunStatus"];
            progress: number;
            phase: string;
            message: string;
            attempt: number;
            parent: string | null;
            ahead: number | null;
            request: Record<string, never>;
            summary: unknown;
            error: string | null;
            created_at: string;
            started_at: string | null;
            finished_at: string | null;
            namespace: string;
            demo: boolean;
        };
        /**
         * Runs
         * @description A page of runs, newest first.
         */
        Runs: {
            items: components["schemas"]["Run"][];
            total: number;
        };
        /**
         * RunStreamEvents
         * @description The data of an event by the name of the event.
         */
        RunStreamEvents: {
            progress: components["schemas"]["RunProgress"];
            status: components["schemas"]["RunBeat"];
            signal: components["schemas"]["RunEvent"];
            trade: components["schemas"]["Trade"];
            done: components["schemas"]["RunDone"];
            error: components["schemas"]["RunGone"];
            reset: components["schemas"]["StreamReset"];
        };
        /**
         * RunProgress
         * @description One step of a run on the topic `runs`, key run_id.
         */
        RunProgress: {
            run_id: string;
            world: string;
            kind: components["schemas"]["RunKind"];
            status: components["schemas"]["RunStatus"];
            attempt: number;
            progress: number;
            phase: string;
            /** Format: date-time */
            at: string;
            /** @default  */
            message: string;
            /** @default 1 */
            v: number;
        };
        /**
         * RunBeat
         * @description Sent every few seconds while a run goes on: the heartbeat.
         */
        RunBeat: {
            run_id: string;
            status: components["schemas"]["RunStatus"] | null;
            progress: number | null;
            ahead: number | null;
            kafka: string;
            postgres: string;
            server_time: string;
        };
        /**
         * RunEvent
         * @description A signal event of a run. `lane`: the parameter set of a sweep, empty outside sweeps.
         */
        RunEvent: {
            event_id: string;
            event_time: string;
            /** Format: date */
            trade_date: string;
            session: components["schemas"]["Session"];
            signal_type: string;
            subject: string;
            before: components["schemas"]["Verdict"] | null;
            after: components["schemas"]["Verdict"];
            is_actionable: boolean;
            data: Record<string, never>;
            parameter_version: number | null;
            position: number | null;
            namespace: string;
            lane: string;
            ordinal: number;
        };
        /**
         * Trade
         * @description One fill. Amounts in USD; of a BUY with its fee, of a SELL before it. `pnl_usd` is net, of a SELL.
         */
        Trade: {
            lane: string;
            trade_id: string;
            trade_time: string;
            /** Format: date */
            trade_date: string;
            symbol: string;
            action: string;
            price: number;
            quantity: number;
            amount_usd: number | null;
            fx_rate: number | null;
            amount_krw: number | null;
            fee_usd: number | null;
            pnl_usd: number | null;
            reason: string | null;
            entry_event_id: string | null;
        };
        /**
         * RunDone
         * @description The last event of a stream. `result` is where all of it stands.
         */
        RunDone: {
            run_id: string;
            status: components["schemas"]["RunStatus"];
            error: string | null;
            summary: unknown;
            events: number;
            trades: number;
            result: string;
        };
        /**
         * RunGone
         * @description The run was removed while its stream was open.
         */
        RunGone: {
            code: string;
            message: string;
        };
        /**
         * RunWhole
         * @description A run with its result, and for a sweep how many shards stand where.
         */
        RunWhole: {
            run_id: string;
            kind: components["schemas"]["RunKind"];
            status: components["schemas"]["RunStatus"];
            progress: number;
            phase: string;
            message: string;
            attempt: number;
            parent: string | null;
            ahead: number | null;
            request: Record<string, never>;
            summary: unknown;
            error: string | null;
            created_at: string;
            started_at: string | null;
            finished_at: string | null;
            namespace: string;
            demo: boolean;
            result: unknown;
            shards: {
                [key: string]: number;
            };
        };
        /**
         * RunEvents
         * @description A page of a run's signal events in canonical order. `next_cursor` is null on the last page.
         */
        RunEvents: {
            run_id: string;
            status: components["schemas"]["RunStatus"];
            items: components["schemas"]["RunEvent"][];
            next_cursor: string | null;
        };
        /**
         * RunTrades
         * @description A page of a run's trades, oldest first. `next_cursor` is null on the last page.
         */
        RunTrades: {
            run_id: string;
            status: components["schemas"]["RunStatus"];
            items: components["schemas"]["Trade"][];
            next_cursor: string | null;
        };
        /**
         * Equity
         * @description The equity curve, a point per trade date with data. `reason` says why there is none.
         */
        Equity: {
            run_id: string;
            status: components["schemas"]["RunStatus"];
            initial_capital_usd: number | null;
            items: components["schemas"]["EquityPoint"][];
            reason: string | null;
        };
        /**
         * EquityPoint
         * @description The close of one trade date.
         */
        EquityPoint: {
            /** Format: date */
            trade_date: string;
            equity_usd: number;
            /** @default null */
            return_pct: number | null;
            /** @default null */
            drawdown_pct: number | null;
            /** @default null */
            benchmark_usd: number | null;
        };
        /**
         * Lanes
         * @description A page of a sweep's parameter sets.
         */
        Lanes: {
            run_id: string;
            status: components["schemas"]["RunStatus"];
            items: components["schemas"]["Lane"][];
            total: number;
        };
        /**
         * Lane
         * @description One parameter set of a sweep and how it fared.
         */
        Lane: {
            lane: string;
            parameters: Record<string, never>;
            metrics: Record<string, never>;
        };
        /**
         * SnapshotPage
         * @description A page of snapshots, oldest first.
         */
        SnapshotPage: {
            items: components["schemas"]["Snapshot"][];
            total: number;
        };
        /**
         * Snapshot
         * @description All tickers' quotes and all signals at `snapshot_time`.
         */
        Snapshot: {
            id: number;
            session_id: number | null;
            run_id: string | null;
            snapshot_time: string;
            tickers: unknown;
            signals: unknown;
        };
        /**
         * ReviewSession
         * @description One look at one trade date. `status` follows its newest replay, whose id is `run_id`.
         */
        ReviewSession: {
            id: number;
            /** Format: date */
            session_date: string;
            notes: string;
            notes_tag: string;
            /** @enum {unknown} */
            status: "created" | "done" | "failed" | "running";
            created_at: string;
            updated_at: string;
            data_quality: string | null;
            snapshot_count: number;
            error: string | null;
            parameters: Record<string, never> | null;
            run_id: string | null;
        };
        /**
         * ReviewSessions
         * @description A page of sessions, newest date first.
         */
        ReviewSessions: {
            items: components["schemas"]["ReviewSession"][];
            total: number;
        };
        /**
         * ReviewSessionWhole
         * @description With a page of its snapshots, when asked for.
         */
        ReviewSessionWhole: {
            id: number;
            /** Format: date */
            session_date: string;
            notes: string;
            notes_tag: string;
            /** @enum {unknown} */
            status: "created" | "done" | "failed" | "running";
            created_at: string;
            updated_at: string;
            data_quality: string | null;
            snapshot_count: number;
            error: string | null;
            parameters: Record<string, never> | null;
            run_id: string | null;
            snapshots: components["schemas"]["Snapshot"][] | null;
        };
        /**
         * BacktestBody
         * @description What to run. Dates are trade dates in New York, both included.
         */
        BacktestBody: {
            /**
             * Start
             * Format: date
             */
            start: string;
            /**
             * End
             * Format: date
             */
            end: string;
            /**
             * Interval
             * @description auto: the finest that has the whole span.
             * @default auto
             * @enum {string}
             */
            interval: "auto" | "ticks" | "1m" | "5m" | "1h" | "1d";
            /**
             * Initial Capital Usd
             * @default 1000
             */
            initial_capital_usd: number;
            /**
             * Fees
             * @description A preset, or numbers.
             * @default standard
             */
            fees: components["schemas"]["FeesBody"] | ("standard" | "discount" | "none");
            /**
             * Model
             * @description How fills and gates are simulated; by default rule_text.
             * @default null
             */
            model: ("rule_text" | "v1") | null;
            /**
             * Gating
             * @description Another word for `model`.
             * @default null
             */
            gating: ("rule_text" | "v1_sim") | null;
            /**
             * Fill
             * @description Goes with `model`.
             * @default null
             */
            fill: ("next_bar_open" | "bar_close") | null;
            /**
             * Slippage Pct
             * @description Of the price, against us, in rule_text; by default 0.02.
             * @default null
             */
            slippage_pct: number | null;
            /**
             * Parameters
             * @description Over those in force.
             * @default {}
             */
            parameters: {
                [key: string]: unknown;
            };
            /**
             * Keep Events
             * @default true
             */
            keep_events: boolean;
        };
        /**
         * FeesBody
         * @description Percent of the amount, a side; what is left out is as in `standard`.
         */
        FeesBody: {
            /**
             * Commission Pct
             * @default 0.25
             */
            commission_pct: number;
            /**
             * Sec Fee Pct
             * @description Of sales only.
             * @default 0.00278
             */
            sec_fee_pct: number;
            /**
             * Fx Spread Pct
             * @default 0.1
             */
            fx_spread_pct: number;
        };
        /**
         * NotesBody
         * @description What is to stand in place of a session's notes.
         */
        NotesBody: {
            /** Notes */
            notes: string;
        };
        /**
         * ReplayBody
         * @description How to replay a trade date.
         */
        ReplayBody: {
            /**
             * Interval
             * @description auto: the finest there is.
             * @default auto
             * @enum {string}
             */
            interval: "auto" | "ticks" | "1m" | "5m" | "1h" | "1d";
            /**
             * Step
             * @description Market time between two snapshots; by default 5m, or a bar.
             * @default null
             */
            step: ("1m" | "5m" | "10m" | "15m" | "30m" | "1h") | null;
            /**
             * Session Id
             * @description Review session that keeps the snapshots.
             * @default null
             */
            session_id: number | null;
            /**
             * Parameters
             * @description Over those in force.
             * @default {}
             */
            parameters: {
                [key: string]: unknown;
            };
            /**
             * Speed
             * @description Market seconds per second at which the stream tells it; 0: at once.
             * @default 0
             */
            speed: number;
        };
        /**
         * SessionBody
         * @description A review of one trade date.
         */
        SessionBody: {
            /**
             * Session Date
             * Format: date
             * @description The trade date, a date in New York.
             */
            session_date: string;
            /**
             * Notes
             * @default
             */
            notes: string;
        };
        /**
         * SweepBody
         * @description A backtest for every combination of the values of `grid`.
         */
        SweepBody: {
            /**
             * Start
             * Format: date
             */
            start: string;
            /**
             * End
             * Format: date
             */
            end: string;
            /**
             * Interval
             * @description auto: the finest that has the whole span.
             * @default auto
             * @enum {string}
             */
            interval: "auto" | "ticks" | "1m" | "5m" | "1h" | "1d";
            /**
             * Initial Capital Usd
             * @default 1000
             */
            initial_capital_usd: number;
            /**
             * Fees
             * @description A preset, or numbers.
             * @default standard
             */
            fees: components["schemas"]["FeesBody"] | ("standard" | "discount" | "none");
            /**
             * Model
             * @description How fills and gates are simulated; by default rule_text.
             * @default null
             */
            model: ("rule_text" | "v1") | null;
            /**
             * Gating
             * @description Another word for `model`.
             * @default null
             */
            gating: ("rule_text" | "v1_sim") | null;
            /**
             * Fill
             * @description Goes with `model`.
             * @default null
             */
            fill: ("next_bar_open" | "bar_close") | null;
            /**
             * Slippage Pct
             * @description Of the price, against us, in rule_text; by default 0.02.
             * @default null
             */
            slippage_pct: number | null;
            /**
             * Parameters
             * @description Over those in force.
             * @default {}
             */
            parameters: {
                [key: string]: unknown;
            };
            /**
             * Keep Events
             * @default false
             */
            keep_events: boolean;
            /**
             * Grid
             * @description Values by parameter.
             */
            grid: {
                [key: string]: unknown[];
            };
            /**
             * Walk Forward Days
             * @description Choose on that many trade dates, judge on the next.
             * @default null
             */
            walk_forward_days: number | null;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    health_api_health_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description No data flows although it should. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    alive_api_health_live_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Alive"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    dead_letters_api_dead_letters_get: {
        parameters: {
            query?: {
                /** @description Like ticks, or demo.ticks. */
                topic?: string | null;
                /** @description Most items of this page. */
                limit?: number;
                /** @description Items to leave out first. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Letters"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    prices_api_prices_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Prices"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    price_of_api_prices__symbol__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                symbol: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Price"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    tickers_api_config_tickers_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Registry"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    signals_api_signals_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Signals"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    signal_api_signals__signal_type__get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                signal_type: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoldNow"] | components["schemas"]["PairNow"][] | components["schemas"]["ConditionalNow"] | components["schemas"]["StopLossNow"] | components["schemas"]["BearishNow"] | components["schemas"]["SignalView"][];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    current_api_config_parameters_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParametersAnswer"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    change_api_config_parameters_put: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version that the change is based on, as ETag tells it. */
                "if-match"?: string | null;
                /** @description Who changes it, for the history: percent-encoded UTF-8, 60 characters. */
                "changed-by"?: string | null;
                /** @description `Bearer <token>` when the server has a token. */
                authorization?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "stop_loss_pct": -2.5
                 *     }
                 */
                "application/json": Record<string, never>;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParametersAnswer"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    versions_api_config_parameters_history_get: {
        parameters: {
            query?: {
                /** @description Most items of this page. */
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ParameterVersions"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    events_api_events_get: {
        parameters: {
            query?: {
                /** @description A signal of the catalogue. */
                type?: string | null;
                /** @description Like GLD or coin. */
                subject?: string | null;
                /** @description Only events on which a person should act, or only others. */
                actionable?: boolean | null;
                /** @description Event time, inclusive. */
                from?: string | null;
                /** @description Event time, exclusive. */
                to?: string | null;
                /** @description The date in New York. */
                trade_date?: string | null;
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Events"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    bars_api_bars__symbol__get: {
        parameters: {
            query?: {
                interval?: "1m" | "5m" | "15m" | "1h" | "1d";
                /** @description Trade date in New York; by default the newest one with bars. */
                date?: string | null;
                /** @description Most bars; the newest are kept. */
                limit?: number;
            };
            header?: never;
            path: {
                symbol: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Candles"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    replay_api_replay__date__post: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Bearer <token>` when the server has a token. */
                authorization?: string | null;
            };
            path: {
                date: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "interval": "auto",
                 *       "step": "5m"
                 *     }
                 */
                "application/json": components["schemas"]["ReplayBody"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    backtest_api_backtest_post: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Bearer <token>` when the server has a token. */
                authorization?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "start": "2026-01-05",
                 *       "end": "2026-01-30",
                 *       "fees": "standard"
                 *     }
                 */
                "application/json": components["schemas"]["BacktestBody"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    sweep_api_sweep_post: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Bearer <token>` when the server has a token. */
                authorization?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "start": "2026-01-05",
                 *       "end": "2026-01-30",
                 *       "grid": {
                 *         "stop_loss_pct": [
                 *           -2,
                 *           -3,
                 *           -4
                 *         ]
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["SweepBody"];
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    runs_api_runs_get: {
        parameters: {
            query?: {
                /** @description Shards of sweeps are listed only when asked for. */
                kind?: components["schemas"]["RunKind"] | null;
                status?: components["schemas"]["RunStatus"] | null;
                /** @description The shards of this sweep. */
                parent?: string | null;
                /** @description Most items of this page. */
                limit?: number;
                /** @description Items to leave out first. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Runs"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    run_api_runs__run_id__get: {
        parameters: {
            query?: {
                /** @description With the whole result. */
                result?: boolean;
            };
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunWhole"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    delete_api_runs__run_id__delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Bearer <token>` when the server has a token. */
                authorization?: string | null;
            };
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description It had ended and is removed with all it left. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    run_stream_api_runs__run_id__stream_get: {
        parameters: {
            query?: {
                last_event_id?: string | null;
                /** @description Market seconds per second; 0: at once. */
                speed?: number;
            };
            header?: {
                /** @description The id of the last event that was seen; it is sent by EventSource. */
                "last-event-id"?: string | null;
            };
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events, their data JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description All was told before. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    events_api_runs__run_id__events_get: {
        parameters: {
            query?: {
                /** @description A parameter set of a sweep. */
                lane?: string | null;
                /** @description A signal of the catalogue. */
                type?: string | null;
                /** @description Like GLD or coin. */
                subject?: string | null;
                actionable?: boolean | null;
                trade_date?: string | null;
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string | null;
            };
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunEvents"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    trades_api_runs__run_id__trades_get: {
        parameters: {
            query?: {
                /** @description A parameter set of a sweep. */
                lane?: string | null;
                symbol?: string | null;
                limit?: number;
                /** @description `next_cursor` of the page before. */
                cursor?: string | null;
            };
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunTrades"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    equity_api_runs__run_id__equity_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Equity"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    lanes_api_runs__run_id__lanes_get: {
        parameters: {
            query?: {
                /** @description A metric. */
                sort?: string;
                order?: "desc" | "asc";
                /** @description Most items of this page. */
                limit?: number;
                /** @description Items to leave out first. */
                offset?: number;
            };
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lanes"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    snapshots_api_runs__run_id__snapshots_get: {
        parameters: {
            query?: {
                /** @description Most items of this page. */
                limit?: number;
                /** @description Items to leave out first. */
                offset?: number;
            };
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SnapshotPage"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    report_api_runs__run_id__report_html_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                run_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page that fetches nothing from anywhere, named in `Content-Disposition`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            /** @description There is no such run. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It has not finished. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The archive is away. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    sessions_api_sessions_get: {
        parameters: {
            query?: {
                /** @description Trade date, inclusive. */
                from?: string | null;
                /** @description Trade date, inclusive. */
                to?: string | null;
                status?: ("created" | "running" | "done" | "failed") | null;
                /** @description Most items of this page. */
                limit?: number;
                /** @description Items to leave out first. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewSessions"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    create_api_sessions_post: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Bearer <token>` when the server has a token. */
                authorization?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "session_date": "2026-02-10",
                 *       "notes": ""
                 *     }
                 */
                "application/json": components["schemas"]["SessionBody"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewSession"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    session_api_sessions__session_id__get: {
        parameters: {
            query?: {
                /** @description With a page of its snapshots. */
                snapshots?: boolean;
                /** @description Most items of this page. */
                limit?: number;
                /** @description Items to leave out first. */
                offset?: number;
            };
            header?: never;
            path: {
                session_id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewSessionWhole"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    delete_api_sessions__session_id__delete: {
        parameters: {
            query?: never;
            header?: {
                /** @description `Bearer <token>` when the server has a token. */
                authorization?: string | null;
            };
            path: {
                session_id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Successful Response */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    change_api_sessions__session_id__patch: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `notes_tag` of the notes that are changed, as ETag tells it. */
                "if-match"?: string | null;
                /** @description `Bearer <token>` when the server has a token. */
                authorization?: string | null;
            };
            path: {
                session_id: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "notes": "Gold turned at 10:20."
                 *     }
                 */
                "application/json": components["schemas"]["NotesBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReviewSession"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    dates_api_config_trading_days_get: {
        parameters: {
            query: {
                /** @description The first date, included. */
                from: string;
                /** @description The last date, included. */
                to: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TradingDates"];
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    stream_prices_api_stream_prices_get: {
        parameters: {
            query?: {
                last_event_id?: string | null;
            };
            header?: {
                /** @description The id of the last event that was seen; it is sent by EventSource. */
                "last-event-id"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events, their data JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
    stream_signals_api_stream_signals_get: {
        parameters: {
            query?: {
                last_event_id?: string | null;
            };
            header?: {
                /** @description The id of the last event that was seen; it is sent by EventSource. */
                "last-event-id"?: string | null;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Server-sent events, their data JSON. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description It could not be done, and why. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorAnswer"];
                };
            };
        };
    };
}
