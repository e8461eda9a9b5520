import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { ScheduleModule } from '@nestjs/schedule';
import * as path from 'node:path';
import { AccessModule } from './access/access.module';
import { AlertsModule } from './alerts/alerts.module';
import { Health } from './api/health';
import { HealthController } from './api/health.controller';
import { ProblemFilter } from './api/problem.filter';
import { requestValidation } from './api/request-validation';
import type { Catalog } from './catalog/catalog';
import { CATALOG, CatalogController } from './catalog/catalog.controller';
import { ControlVersions } from './catalog/control-versions';
import { VersionsController } from './catalog/versions.controller';
import { EvidenceStore } from './evidence/evidence-store';
import { EvidenceController } from './evidence/evidence.controller';
import { EvidenceQueries } from './evidence/evidence.queries';
import { ExceptionDesk } from './exceptions/exception-desk';
import { DayWatch } from './exceptions/day-watch';
import { ExceptionExportController } from './exceptions/exception-export.controller';
import { ReconcilingItems } from './exceptions/reconciling-items';
import { ReconcilingItemsController } from './exceptions/reconciling-items.controller';
import { ExceptionMovesController } from './exceptions/exception-moves.controller';
import { ExceptionsController } from './exceptions/exceptions.controller';
import { ExceptionsQueries } from './exceptions/exceptions.queries';
import { JourneyController } from './exceptions/journey.controller';
import { JourneyQueries } from './exceptions/journey.queries';
import type { Clock } from './platform/clock';
import type { Config } from './platform/config';
import { packageRoot } from './platform/database/bootstrap';
import type { Database } from './platform/database/open-database';
import { EntityDays } from './platform/entity-days';
import type { Logger } from './platform/logger';
import { LiveBoard } from './runs/live/live-board';
import { LiveController } from './runs/live/live.controller';
import { LineItemsDesk } from './runs/line-items/line-items-desk';
import { OverviewController } from './runs/overview/overview.controller';
import { OverviewDesk } from './runs/overview/overview-desk';
import { OverviewQueries } from './runs/overview/overview.queries';
import { runControl } from './runs/run-control';
import { evidenceFolder, runDependencies } from './runs/run-dependencies';
import { workRoot } from './runs/claim/reap-work';
import { ReplayDesk } from './runs/replay/replay-desk';
import { ReplaysController } from './runs/replay/replays.controller';
import { RunDesk, type RunNow } from './runs/run-desk';
import { RunPlanner } from './runs/schedule/run-planner';
import type { RunProgress } from './runs/run-types';
import { RunsExportController } from './runs/runs-export.controller';
import { RunsController } from './runs/runs.controller';
import { RunsQueries } from './runs/runs.queries';
import { DriftWatch } from './signoff/drift-watch';
import { SignoffDesk } from './signoff/signoff-desk';
import { CloseExportController } from './signoff/close-export.controller';
import { SignoffController } from './signoff/signoff.controller';
import { SignoffQueries, type CloseSetting } from './signoff/signoff.queries';
import { SourcesController } from './sources/sources.controller';
import { SourcesQueries } from './sources/sources.queries';
import { StripeWebhook } from './sources/stripe/stripe-webhook';
import { StripeWebhookController } from './sources/stripe/stripe-webhook.controller';

/** What the server is made of; whoever starts it opens them, and closes them afterwards. */
export interface AppParts {
  config: Config;
  /** Migrated. */
  database: Database;
  catalog: Catalog;
  clock: Clock;
  logger: Logger;
}

/** Nobody watches the runs that the API was asked for; their log tells. */
const unwatched: RunProgress = { step: () => undefined, frozen: () => undefined };

@Module({})
export class AppModule {
  static with(parts: AppParts): DynamicModule {
    const { config, database, clock, logger } = parts;
    return {
      module: AppModule,
      imports: [
        ScheduleModule.forRoot(),
        AccessModule.with({ app: database.app, config, clock, logger }),
        AlertsModule.with({ app: database.app, config, clock, logger }),
      ],
      controllers: [
        CatalogController,
        VersionsController,
        ReplaysController,
        RunsExportController,
        RunsController,
        LiveController,
        OverviewController,
        JourneyController,
        EvidenceController,
        CloseExportController,
        SignoffController,
        ExceptionExportController,
        ReconcilingItemsController,
        ExceptionMovesController,
        ExceptionsController,
        SourcesController,
        StripeWebhookController,
        HealthController,
      ],
      providers: providersOf(parts),
    };
  }
}

function providersOf(parts: AppParts): Provider[] {
  const { config, database, catalog, clock, logger } = parts;
  const { app } = database;
  const dependencies = runDependencies(parts);
  const runNow: RunNow = (request) => runControl(request, dependencies, unwatched);
  const versions = new ControlVersions(app, clock, catalog);
  const planner = new RunPlanner({
    app,
    clock,
    logger,
    since: config.controls.schedule?.since ?? null,
    entities: config.entities,
    controls: catalog.controls.map(({ control }) => control),
    approved: () => versions.approvedControls(),
    abandoned: () => dependencies.claims.abandoned(),
    run: runNow,
  });
  const days = new EntityDays(config, clock);
  const desk = new ExceptionDesk(app, clock);
  const evidenceDir = evidenceFolder(config);
  const migrationsDir = path.join(packageRoot, 'migrations');
  return [
    { provide: APP_PIPE, useValue: requestValidation() },
    { provide: APP_FILTER, useValue: new ProblemFilter(logger) },
    { provide: CATALOG, useValue: catalog },
    { provide: ControlVersions, useValue: versions },
    { provide: ReplayDesk, useValue: new ReplayDesk(dependencies, versions) },
    { provide: RunPlanner, useValue: planner },
    { provide: RunDesk, useValue: new RunDesk(runNow, config.entities, clock) },
    { provide: JourneyQueries, useValue: new JourneyQueries(app) },
    { provide: LineItemsDesk, useValue: lineItemsDesk(parts, dependencies.evidence) },
    { provide: OverviewDesk, useValue: overviewDesk(parts, planner) },
    { provide: LiveBoard, useValue: new LiveBoard(app, logger) },
    { provide: RunsQueries, useValue: new RunsQueries(app) },
    {
      provide: StripeWebhook,
      useValue: new StripeWebhook(app, config.sources.stripe, clock),
    },
    { provide: ExceptionsQueries, useValue: new ExceptionsQueries(app, days) },
    { provide: SignoffDesk, useValue: new SignoffDesk(app, clock, config.signoff.blocked_from) },
    { provide: SignoffQueries, useValue: new SignoffQueries(app, closeSetting(parts)) },
    { provide: DriftWatch, useValue: dependencies.drift },
    { provide: DayWatch, useValue: new DayWatch({ app, clock, days, logger }) },
    { provide: ExceptionDesk, useValue: desk },
    { provide: ReconcilingItems, useValue: new ReconcilingItems(app, clock, desk) },
    { provide: SourcesQueries, useValue: new SourcesQueries(app) },
    { provide: EvidenceQueries, useValue: new EvidenceQueries(app) },
    { provide: EvidenceStore, useValue: dependencies.evidence },
    { provide: Health, useValue: new Health({ app, evidenceDir, migrationsDir }) },
  ];
}

function overviewDesk(
  { config, database, catalog, clock }: AppParts,
  planner: RunPlanner,
): OverviewDesk {
  const controls = catalog.controls.map(({ control }) => control.id);
  const entities = config.entities.map(({ id }) => id);
  return new OverviewDesk(
    new OverviewQueries(database.app),
    planner,
    { controls, entities },
    clock,
  );
}

const closeSetting = ({ config, catalog }: AppParts): CloseSetting => ({
  controls: catalog.controls.map(({ control }) => control),
  materiality: (entity) => config.entities.find(({ id }) => id === entity)?.materiality ?? {},
  blockFrom: config.signoff.blocked_from,
});

function lineItemsDesk({ config, database }: AppParts, evidence: EvidenceStore): LineItemsDesk {
  const { app } = database;
  return new LineItemsDesk(new RunsQueries(app), new EvidenceQueries(app), evidence, {
    memoryMb: config.limits.duckdb_memory_mb,
    evidenceDir: evidenceFolder(config),
    workDir: workRoot(config),
  });
}
