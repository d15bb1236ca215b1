import { Component, type ReactNode } from "react";
import { withTranslation, type WithTranslation } from "react-i18next";
import { Button, EmptyState } from "@/ui";

interface State {
  fault: Error | null;
}

/** A page that fails takes nothing else down: the frame, the stream and the other pages go on. */
class BoundaryOf extends Component<WithTranslation & { children: ReactNode }, State> {
  override state: State = { fault: null };

  static getDerivedStateFromError(fault: Error): State {
    return { fault };
  }

  override render(): ReactNode {
    const { t, children } = this.props;
    const { fault } = this.state;
    if (!fault) return children;
    return (
      <EmptyState icon="stop" title={t("common.pageFailed")}>
        <p>{fault.message}</p>
        <p>
          <Button icon="refresh" onClick={() => window.location.reload()}>
            {t("common.reload")}
          </Button>
        </p>
      </EmptyState>
    );
  }
}

export const Boundary = withTranslation()(BoundaryOf);
