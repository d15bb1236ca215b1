import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { ApiError } from "@/data/api";
import { parametersQuery, useLastOver } from "@/data/queries";
import { askFor, runQuery } from "@/data/runs";
import { count, plain } from "@/format/numbers";
import { useConfig } from "@/stream/hooks";
import { Button, Card, Page, Segmented, SelectField, Skeleton, TextField } from "@/ui";
import { GridEditor } from "./GridEditor";
import { Problem } from "./Problem";
import styles from "./RunForm.module.css";
import { faultsFrom, wordsOf } from "./faults";
import {
  draftOf,
  emptyDraft,
  faultsOf,
  FEES,
  INTERVALS,
  MODELS,
  requestOf,
  RUN_PARAMETERS,
  spanOf,
  type Draft,
  type Faults,
  type Limits,
} from "./form";
import { laneFrom, parameterName, unitOf, valueText } from "./words";

const SPANS = [7, 21, 59, 365] as const;

/** What to run: filled from another run with `?from=`, and from a parameter set of a sweep with `&lane=`. */
export default function RunForm() {
  const [address] = useSearchParams();
  const from = address.get("from");
  const lane = address.get("lane");
  const last = useLastOver();
  const parameters = useQuery(parametersQuery(useConfig()?.version ?? null));
  const source = useQuery({ ...runQuery(from ?? ""), enabled: from !== null });
  const { t } = useTranslation();
  const ready = !parameters.isPending && (from === null || !source.isPending);
  const draft = source.data
    ? draftOf(source.data.request, lane === null ? {} : laneFrom(lane))
    : emptyDraft(last);
  return (
    <Page
      title={t("backtests.new")}
      about={t("backtests.form.about")}
      actions={<Link to="/backtests">{t("backtests.all")}</Link>}
    >
      {parameters.error && <Problem error={parameters.error} onRetry={() => void parameters.refetch()} />}
      {source.error && <Problem error={source.error} />}
      {ready && last !== null ? (
        <Form
          initial={draft}
          last={last}
          limits={parameters.data?.limits ?? {}}
          inForce={parameters.data?.parameters ?? {}}
          version={parameters.data?.version ?? null}
        />
      ) : (
        <Card>
          <Skeleton height={320} />
        </Card>
      )}
    </Page>
  );
}

interface FormProps {
  initial: Draft;
  /** The last trade date that can be asked for. */
  last: string;
  limits: Limits;
  inForce: Readonly<Record<string, number | boolean | null>>;
  version: number | null;
}

function Form({ initial, last, limits, inForce, version }: FormProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(initial);
  const [faults, setFaults] = useState<Faults>({});
  const ask = useMutation({
    mutationFn: (asked: Draft) => {
      const { path, body } = requestOf(asked);
      return askFor(path, body);
    },
    onSuccess: (accepted) => {
      void queries.invalidateQueries({ queryKey: ["runs"] });
      void navigate(`/backtests/${accepted.run_id}`);
    },
    onError: (error) => setFaults(faultsFrom(error)),
  });
  const change = (part: Partial<Draft>) => {
    setDraft((before) => ({ ...before, ...part }));
    const fields = Object.keys(part).map((name) => FIELDS[name] ?? name);
    setFaults((before) =>
      Object.fromEntries(Object.entries(before).filter(([name]) => !fields.includes(name))),
    );
  };
  const setParameter = (name: string, text: string) => {
    setDraft((before) => ({ ...before, parameters: { ...before.parameters, [name]: text } }));
    setFaults((before) =>
      Object.fromEntries(Object.entries(before).filter(([field]) => field !== `parameters.${name}`)),
    );
  };
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const found = faultsOf(draft, limits, last);
    setFaults(found);
    if (Object.keys(found).length === 0) ask.mutate(draft);
  };
  useEffect(() => {
    if (Object.keys(faults).length === 0) return;
    form.current?.querySelector<HTMLElement>("[aria-invalid='true']")?.focus();
  }, [faults]);

  const said = (field: string) => wordsOf(t, faults[field]);
  // A fault that no field of ours shows, and what is no fault of a field at all.
  const elsewhere = Object.entries(faults).filter(([field]) => !isShown(field, draft));
  const other = ask.error && !(ask.error instanceof ApiError && ask.error.status === 422) ? ask.error : null;
  const swept = new Set(draft.kind === "sweep" ? draft.grid.map((line) => line.name) : []);

  return (
    <form ref={form} className={styles.form} onSubmit={submit} noValidate>
      <Card title={t("backtests.form.what")}>
        <div>
          <Segmented
            label={t("backtests.form.what")}
            value={draft.kind}
            options={(["backtest", "sweep"] as const).map((value) => ({
              value,
              label: t(`backtests.kind.${value}`),
            }))}
            onChange={(kind) => change({ kind })}
          />
        </div>
        <p className={styles.about}>{t(`backtests.form.${draft.kind}`)}</p>
        <div className={styles.fields}>
          <TextField
            type="date"
            label={t("backtests.form.start")}
            hint={t("backtests.form.dates")}
            error={said("start")}
            value={draft.start}
            max={last}
            onChange={(event) => change({ start: event.target.value })}
          />
          <TextField
            type="date"
            label={t("backtests.form.end")}
            hint={t("backtests.form.included")}
            error={said("end")}
            value={draft.end}
            max={last}
            onChange={(event) => change({ end: event.target.value })}
          />
          <SelectField
            label={t("backtests.form.interval")}
            hint={t(`backtests.intervalHint.${draft.interval}`)}
            error={said("interval")}
            value={draft.interval}
            onChange={(event) => change({ interval: event.target.value })}
          >
            {INTERVALS.map((value) => (
              <option key={value} value={value}>
                {t(`backtests.interval.${value}`)}
              </option>
            ))}
          </SelectField>
        </div>
        <div className={styles.spans}>
          {SPANS.map((days) => (
            <Button key={days} onClick={() => change(spanOf(last, days))}>
              {t(`backtests.form.last.${days}`)}
            </Button>
          ))}
        </div>
      </Card>

      <Card title={t("backtests.form.money")}>
        <div className={styles.fields}>
          <TextField
            inputMode="decimal"
            label={t("backtests.form.capital")}
            error={said("initial_capital_usd")}
            unit="USD"
            value={draft.capital}
            onChange={(event) => change({ capital: event.target.value })}
          />
          <SelectField
            label={t("backtests.form.fees")}
            hint={t(`backtests.feesHint.${draft.fees}`)}
            error={said("fees")}
            value={draft.fees}
            onChange={(event) => change({ fees: event.target.value })}
          >
            {FEES.map((value) => (
              <option key={value} value={value}>
                {t(`backtests.fees.${value}`)}
              </option>
            ))}
          </SelectField>
          <SelectField
            label={t("backtests.form.model")}
            hint={t(`backtests.modelHint.${draft.model}`)}
            error={said("model")}
            value={draft.model}
            onChange={(event) => change({ model: event.target.value })}
          >
            {MODELS.map((value) => (
              <option key={value} value={value}>
                {t(`backtests.model.${value}`)}
              </option>
            ))}
          </SelectField>
          {draft.model === "rule_text" && (
            <TextField
              inputMode="decimal"
              label={t("backtests.form.slippage")}
              hint={t("backtests.form.slippageHint")}
              error={said("slippage_pct")}
              unit="%"
              value={draft.slippage}
              onChange={(event) => change({ slippage: event.target.value })}
            />
          )}
        </div>
      </Card>

      {draft.kind === "sweep" && (
        <GridEditor
          grid={draft.grid}
          walkForward={draft.walkForward}
          limits={limits}
          faults={faults}
          onGrid={(grid) => {
            change({ grid });
            setFaults((before) =>
              Object.fromEntries(Object.entries(before).filter(([name]) => !name.startsWith("grid"))),
            );
          }}
          onWalkForward={(walkForward) => change({ walkForward })}
        />
      )}

      <Card
        title={t("backtests.form.parameters")}
        aside={version !== null && <span className="muted">{t("backtests.form.inForce", { version })}</span>}
      >
        <p className={styles.about}>{t("backtests.form.parametersAbout")}</p>
        <div className={styles.fields}>
          {RUN_PARAMETERS.filter((name) => !swept.has(name)).map((name) => {
            const limit = limits[name];
            return (
              <TextField
                key={name}
                inputMode="decimal"
                label={parameterName(t, name)}
                hint={
                  limit
                    ? t("backtests.form.limit", { min: plain(limit.min), max: plain(limit.max) })
                    : undefined
                }
                error={said(`parameters.${name}`)}
                unit={limit ? unitOf(t, limit.unit) : ""}
                placeholder={valueText(t, inForce[name])}
                value={draft.parameters[name] === "null" ? "" : (draft.parameters[name] ?? "")}
                onChange={(event) => setParameter(name, event.target.value)}
              />
            );
          })}
        </div>
      </Card>

      {elsewhere.map(([field, fault]) => (
        <p key={field} className={styles.fault} role="alert">
          {parameterName(t, field.replace(/^\w+\./, ""))}: {wordsOf(t, fault)}
        </p>
      ))}
      {ask.error && !other && Object.keys(faults).length === 0 && <Problem error={ask.error} />}
      {other && <Problem error={other} onRetry={() => ask.mutate(draft)} />}
      <div className={styles.foot}>
        <Button kind="primary" icon="play" type="submit" disabled={ask.isPending}>
          {ask.isPending ? t("backtests.form.asking") : t(`backtests.form.run.${draft.kind}`)}
        </Button>
        <Button
          kind="quiet"
          onClick={() => {
            setDraft({ ...emptyDraft(last), kind: draft.kind });
            setFaults({});
          }}
        >
          {t("backtests.form.reset")}
        </Button>
        <span className="muted">
          {Object.values(draft.parameters).filter((text) => text.trim() !== "").length > 0 &&
            t("backtests.form.changed", {
              n: count(Object.values(draft.parameters).filter((text) => text.trim() !== "").length),
            })}
        </span>
      </div>
    </form>
  );
}

/** Where a part of the draft is called otherwise in the request. */
const FIELDS: Readonly<Record<string, string>> = {
  capital: "initial_capital_usd",
  slippage: "slippage_pct",
  walkForward: "walk_forward_days",
};

const SHOWN = new Set(["start", "end", "interval", "initial_capital_usd", "fees", "model"]);

function isShown(field: string, draft: Draft): boolean {
  const [group, name = ""] = field.split(".");
  if (field === "slippage_pct") return draft.model === "rule_text";
  if (field === "grid" || field === "walk_forward_days") return draft.kind === "sweep";
  if (group === "grid") return draft.grid.some((line) => line.name === name);
  if (group === "parameters") return (RUN_PARAMETERS as readonly string[]).includes(name);
  return SHOWN.has(field);
}
