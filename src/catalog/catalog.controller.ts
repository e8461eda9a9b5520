import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../access/caller';
import { Refusal } from '../core/problem';
import type { Catalog, LoadedControl } from './catalog';
import {
  controlDetail,
  controlList,
  controlParams,
  type ControlDetail,
  type ControlList,
  type ControlParams,
  type ControlSummary,
} from './catalog.contract';

/** Injection token of the Catalog that the server runs with. */
export const CATALOG = Symbol('Catalog');

@ApiTags('controls')
@Controller('api/v1/controls')
export class CatalogController {
  constructor(@Inject(CATALOG) private readonly catalog: Catalog) {}

  @Get()
  @Requires('controls.read')
  @ApiOperation({
    summary: 'Controls, and what is wrong in the folders of others',
    operationId: 'listControls',
  })
  @ApiOkResponse({ standardSchema: controlList, description: 'All controls.' })
  list(): ControlList {
    const { controls, problems } = this.catalog;
    return { controls: controls.map(summaryOf), problems };
  }

  @Get(':id')
  @Requires('controls.read')
  @ApiOperation({
    summary: 'A control: definition, SQL, version and files',
    operationId: 'getControl',
  })
  @ApiOkResponse({ standardSchema: controlDetail, description: 'The control.' })
  get(@Param({ schema: controlParams }) { id }: ControlParams): ControlDetail {
    const loaded = this.catalog.controls.find(({ control }) => control.id === id);
    if (loaded === undefined)
      throw new Refusal('not_found', `There is no control ${id} without a problem.`);
    const { control: definition, version, folder, files, cases } = loaded;
    const populations = Object.values(loaded.populations).map(
      ({ name, file, source, relations, parameters, columns, sql }) => ({
        name,
        file,
        source,
        relations,
        parameters,
        columns,
        sql,
      }),
    );
    return { version, folder, definition, populations, files, cases };
  }
}

function summaryOf({ control, version, folder }: LoadedControl): ControlSummary {
  const { id, title, process, objective, assertions, key_control, frequency } = control;
  const { owner, reviewer } = control;
  return {
    id,
    title,
    process,
    objective,
    assertions,
    key_control,
    frequency,
    owner,
    reviewer,
    version,
    folder,
  };
}
