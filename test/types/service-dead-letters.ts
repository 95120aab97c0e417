import { DLQHandler, DeadLetter } from 'easyflow-kafka/service';

export async function again(): Promise<DeadLetter[]> {
  const handler = new DLQHandler({ clientId: 'dlq-processor', brokers: ['localhost:9092'] });
  handler.on('quarantined', ({ why, to }) => console.log(why.length, to.length));
  await handler.start();
  const [letter] = await handler.list({ topic: 'orders', quarantined: true, limit: 1 });
  if (letter) await handler.release(letter);
  await handler.retry({ topic: 'dlq.orders', partition: 0, offset: '7' });
  await handler.stop();
  return handler.list();
}
void new DLQHandler(
  { brokers: ['b:1'] },
  { catalog: 'spm', delayMs: 1_000, maxReturns: 5, retry: { attempts: 9 } },
);
const place = { topic: 'dlq.orders', partition: 0, offset: 7 };
// @ts-expect-error: offsets are strings
void new DLQHandler({ brokers: ['b:1'] }).retry(place);
// @ts-expect-error: no such option
void new DLQHandler({ brokers: ['b:1'] }, { retries: 5 });
