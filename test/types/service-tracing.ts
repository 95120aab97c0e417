import { CorrelationTracker, traceContext } from '../../lib/types/service-tracing';

const tracker = CorrelationTracker.getInstance();
const context = tracker.createContext({ organizationId: 'org-123', employeeId: 'emp-456' });
tracker.recordEvent(context.correlationId, 'workflow-engine', 'start-workflow', 'started');
const child = tracker.createChildContext(context.correlationId, { nodeRunId: 'node-run-123' });
const result: number = tracker.run(child, () => 5);
const spans: string[] = tracker.getTrace('x')?.children.map(({ context: c }) => c.spanId) ?? [];
const parent = traceContext.extract({ traceparent: Buffer.from('x') });
const headers = parent === null ? {} : traceContext.inject({}, parent);
void [result, spans, headers];

// @ts-expect-error a status is needed
tracker.recordEvent('c', 's', 'o');
// @ts-expect-error contexts do not change
context.correlationId = 'x';
