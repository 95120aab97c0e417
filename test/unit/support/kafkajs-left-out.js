'use strict';

/** Types of KafkaJS that only custom authenticators, sockets and assigners, or its inner works, have a use for. */
const LEFT_OUT = [
  'ApiVersions',
  'Assigner',
  'AuthenticationProviderArgs',
  'Authenticator',
  'Broker',
  'BrokerMetadata',
  'Cluster',
  'ConsumerGroup',
  'CoordinatorMetadata',
  'GroupMember',
  'GroupMemberAssignment',
  'GroupState',
  'ISocketFactory',
  'ISocketFactoryArgs',
  'Mechanism',
  'SaslAuthenticateArgs',
];

module.exports = { LEFT_OUT };
