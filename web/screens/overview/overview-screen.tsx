import type { ReactNode } from 'react';
import { ScreenHead } from '../../parts/sheet';

export function OverviewScreen(): ReactNode {
  return (
    <div className="screen">
      <ScreenHead title="Overview" />
    </div>
  );
}
