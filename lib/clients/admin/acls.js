'use strict';

const enums = require('../enums');
const { fromNative } = require('../../errors');
const { checkArray, checkEnum, checkStrings } = require('./check');

function checkEnums(items, filter) {
  checkEnum(items, 'operation', enums.AclOperationTypes, 'operation type');
  checkEnum(
    items,
    'resourcePatternType',
    enums.ResourcePatternTypes,
    filter ? 'resource pattern filter type' : 'resource pattern type',
  );
  checkEnum(items, 'permissionType', enums.AclPermissionTypes, 'permission type');
  checkEnum(items, 'resourceType', enums.AclResourceTypes, 'resource type');
}

function checkFilters(filters, where) {
  checkStrings(
    filters,
    'principal',
    `Invalid ${where}, the principals have to be a valid string`,
    true,
  );
  checkStrings(filters, 'host', `Invalid ${where}, the hosts have to be a valid string`, true);
  checkStrings(
    filters,
    'resourceName',
    `Invalid ${where}, the resourceNames have to be a valid string`,
    true,
  );
  checkEnums(filters, true);
}

function filterArguments({
  resourceType,
  resourceName,
  resourcePatternType,
  principal,
  host,
  operation,
  permissionType,
}) {
  return {
    resourceType,
    resourceName: resourceName ?? null,
    resourcePatternType,
    principal: principal ?? null,
    host: host ?? null,
    operation,
    permissionType,
  };
}

async function createAcls(admin, { acl } = {}) {
  checkArray(acl, 'Invalid ACL array', 'Empty ACL array', 'acl');
  checkStrings(acl, 'principal', 'Invalid ACL array, the principals have to be a valid string');
  checkStrings(acl, 'host', 'Invalid ACL array, the hosts have to be a valid string');
  checkStrings(
    acl,
    'resourceName',
    'Invalid ACL array, the resourceNames have to be a valid string',
  );
  checkEnums(acl, false);
  await admin.retrying(async () => {
    admin.throwFirst(await admin.call('createAcls', { acls: acl.map(filterArguments) }));
  });
  return true;
}

async function describeAcls(admin, filter = {}) {
  checkFilters([filter], 'ACL filter');
  const acls = await admin.retrying(() =>
    admin.call('describeAcls', { filter: filterArguments(filter) }),
  );
  const resources = new Map();
  for (const { resourceType, resourceName, resourcePatternType, ...acl } of acls) {
    const key = `${resourceType}/${resourcePatternType}/${resourceName}`;
    if (!resources.has(key)) {
      resources.set(key, { resourceType, resourceName, resourcePatternType, acls: [] });
    }
    const { principal, host, operation, permissionType } = acl;
    resources.get(key).acls.push({ principal, host, operation, permissionType });
  }
  return { throttleTime: 0, errorCode: 0, errorMessage: null, resources: [...resources.values()] };
}

async function deleteAcls(admin, { filters } = {}) {
  checkArray(filters, 'Invalid ACL Filter array', 'Empty ACL Filter array', 'filters');
  checkFilters(filters, 'ACL Filter array');
  const results = await admin.retrying(async () => {
    const deleted = await admin.call('deleteAcls', { filters: filters.map(filterArguments) });
    admin.throwFirst(deleted);
    for (const { matchingAcls } of deleted) admin.throwFirst(matchingAcls);
    return deleted;
  });
  return {
    throttleTime: 0,
    filterResponses: results.map(({ matchingAcls }) => ({
      errorCode: 0,
      errorMessage: null,
      matchingAcls: matchingAcls.map(({ error: _error, ...acl }) => ({
        errorCode: 0,
        errorMessage: null,
        ...acl,
      })),
    })),
  };
}

/** Beyond KafkaJS: SCRAM users. */
async function describeUserScramCredentials(admin, users = []) {
  const results = await admin.call('describeUserScramCredentials', { users });
  return results.map(({ error, ...user }) => ({
    ...user,
    error: error ? fromNative(error) : null,
  }));
}

async function alterUserScramCredentials(admin, { upsertions = [], deletions = [] } = {}) {
  admin.throwFirst(await admin.call('alterUserScramCredentials', { upsertions, deletions }));
}

module.exports = {
  createAcls,
  describeAcls,
  deleteAcls,
  describeUserScramCredentials,
  alterUserScramCredentials,
};
