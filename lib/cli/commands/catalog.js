'use strict';

const fs = require('node:fs');
const enums = require('../../clients/enums');
const { acls } = require('../../service/catalog/acls');
const { asyncapi } = require('../../service/catalog/asyncapi');
const { diff } = require('../../service/catalog/diff');
const { catalogs, loadCatalog } = require('../../service/catalog/load');
const { writeTypes } = require('../../service/catalog/types');
const { classes } = require('../../errors');
const { CODES, UsageError } = require('../failures');
const { table } = require('../output');
const { collect, withOutput } = require('../options');

/** To --output, or to stdout. */
async function give(session, text) {
  const { output: file } = session.options;
  if (file === undefined) await session.output.write(text);
  else fs.writeFileSync(file, text);
}

const types = (session, source) => give(session, writeTypes(loadCatalog(source)));

function document(session, source) {
  const { server } = session.options;
  const made = asyncapi(loadCatalog(source), server === undefined ? {} : { servers: server });
  return give(session, `${JSON.stringify(made, null, 2)}\n`);
}

async function compare(session, before, after) {
  const changes = diff(loadCatalog(before), loadCatalog(after));
  await session.output.result(changes, () =>
    changes.length === 0
      ? 'No incompatible change.'
      : table(
          ['code', 'breaks', 'path', 'what'],
          changes.map(({ code, breaks, path, message }) => [code, breaks, path, message]),
        ),
  );
  return changes.length === 0 ? CODES.ok : CODES.findings;
}

/** 'billing=User:CN=billing' */
function principalsOf(texts = []) {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new UsageError(`--principal: expected group=principal but received '${text}'`);
    }),
  );
}

const nameIn = (names, number) => Object.keys(names).find((name) => names[name] === number);

async function access(session, source) {
  const { principal, org, host } = session.options;
  const entries = acls(session.catalog(source), {
    principals: principalsOf(principal),
    ...(org !== undefined && { parameters: { org } }),
    ...(host !== undefined && { host }),
  }).map((entry) => ({
    principal: entry.principal,
    operation: nameIn(enums.AclOperationTypes, entry.operation),
    resourceType: nameIn(enums.AclResourceTypes, entry.resourceType),
    resourceName: entry.resourceName,
    patternType: nameIn(enums.ResourcePatternTypes, entry.resourcePatternType),
    host: entry.host,
    permission: nameIn(enums.AclPermissionTypes, entry.permissionType),
  }));
  await session.output.result(entries, () =>
    table(
      ['principal', 'operation', 'resource', 'name', 'pattern', 'host', 'permission'],
      entries.map(Object.values),
    ),
  );
}

async function check(session, sources) {
  const results = (sources.length > 0 ? sources : catalogs).map((source) => {
    try {
      const { name, version, topics, events, groups } = loadCatalog(source);
      const counts = { topics: topics.length, events: events.length, groups: groups.length };
      return { catalog: source, name, version, ...counts, problems: [] };
    } catch (error) {
      if (!(error instanceof classes.CatalogError)) throw error;
      return { catalog: source, problems: error.problems };
    }
  });
  await session.output.result(results, () => results.map(showCheck).join(''));
  return results.some(({ problems }) => problems.length > 0) ? CODES.findings : CODES.ok;
}

function showCheck({ catalog, version, topics, events, groups, problems }) {
  if (problems.length === 0) {
    return `${catalog}: ok, version ${version}, ${topics} topics, ${events} events, ${groups} groups\n`;
  }
  const mistakes = problems.map(({ message }) => `  ${message}\n`).join('');
  return `${catalog}: ${problems.length} mistakes\n${mistakes}`;
}

function register(program, action) {
  const catalog = program.command('catalog').description('catalogs of topics and events');
  const of = (name) => catalog.command(name).option('--verbose', 'the stack of an error');
  of('types')
    .description('TypeScript types of its events, topics and groups')
    .argument('<name|file>')
    .option('--output <file>', 'instead of stdout')
    .action(action(types));
  of('asyncapi')
    .description('an AsyncAPI 3 document')
    .argument('<name|file>')
    .option('--server <host:port>', 'of the document; may be given again', collect)
    .option('--output <file>', 'instead of stdout')
    .action(action(document));
  withOutput(of('diff'))
    .description('incompatible changes between two versions; exit code 3 where there are some')
    .argument('<old>')
    .argument('<new>')
    .action(action(compare));
  withOutput(of('acls'))
    .description('access that its groups need')
    .argument('<name|file>')
    .option('--principal <group=principal>', 'of a group; may be given again', collect)
    .option('--host <address>', 'the only one that may')
    .option('--org <id>', 'the organization of templated topics; all without')
    .action(action(access));
  withOutput(of('check'))
    .description('mistakes in catalogs, all shipped ones without an argument; exit code 3')
    .argument('[name|file...]')
    .action(action(check));
}

module.exports = { register };
