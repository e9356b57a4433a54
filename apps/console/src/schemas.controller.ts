import { Controller, Get, Header, Param } from '@nestjs/common';
import { jsonSchemas } from '@watchkeeper/domain';
import { Open, problems } from '@watchkeeper/platform';

const SCHEMAS = jsonSchemas();

/** The JSON Schemas of everything that goes in and out. */
@Controller('v1/schemas')
@Open()
export class SchemasController {
  @Get()
  list(): { schemas: string[] } {
    return { schemas: Object.keys(SCHEMAS) };
  }

  @Get(':name')
  @Header('content-type', 'application/schema+json; charset=utf-8')
  one(@Param('name') name: string): Readonly<Record<string, unknown>> {
    const schema = Object.hasOwn(SCHEMAS, name) ? SCHEMAS[name] : undefined;
    if (!schema) throw problems.notFound(`the schemas are: ${Object.keys(SCHEMAS).join(', ')}`);
    return schema;
  }
}
