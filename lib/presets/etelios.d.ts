import { KafkaService, KafkaServiceOptions } from '../types/service';

/** The service of this process: the same options give the same one, until its shutdown(). */
export declare function getKafkaService(options?: Partial<KafkaServiceOptions>): KafkaService;

/** Names of the topics: `KAFKA_TOPICS.USER_CREATED` is 'user.created'. */
export declare const KAFKA_TOPICS: Readonly<
  Record<
    | 'USER_CREATED'
    | 'USER_UPDATED'
    | 'USER_DELETED'
    | 'USER_LOGIN'
    | 'USER_LOGOUT'
    | 'EMPLOYEE_CREATED'
    | 'EMPLOYEE_UPDATED'
    | 'EMPLOYEE_DELETED'
    | 'EMPLOYEE_TRANSFER'
    | 'ATTENDANCE_CHECKIN'
    | 'ATTENDANCE_CHECKOUT'
    | 'ATTENDANCE_APPROVED'
    | 'PAYROLL_PROCESSED'
    | 'SALARY_CALCULATED'
    | 'PAYROLL_APPROVED'
    | 'CUSTOMER_CREATED'
    | 'CUSTOMER_UPDATED'
    | 'ORDER_CREATED'
    | 'ORDER_UPDATED'
    | 'SALE_CREATED'
    | 'SALE_COMPLETED'
    | 'SALE_CANCELLED'
    | 'INVENTORY_STOCK_UPDATED'
    | 'PRODUCT_CREATED'
    | 'PRODUCT_UPDATED'
    | 'NOTIFICATION_SENT'
    | 'EMAIL_SENT'
    | 'SMS_SENT'
    | 'DOCUMENT_UPLOADED'
    | 'DOCUMENT_APPROVED'
    | 'DOCUMENT_REJECTED'
    | 'AUDIT_LOG'
    | 'SECURITY_EVENT'
    | 'SERVICE_HEALTH'
    | 'SERVICE_ERROR',
    string
  >
>;

export interface EteliosEvent<T extends object = Record<string, any>> {
  type: string;
  data: T;
  metadata: { eventId: string; timestamp: string; [name: string]: any };
}

/** An eventId or timestamp among the metadata is kept. */
export declare function createEvent<T extends object>(
  type: string,
  data: T,
  metadata?: { eventId?: string; timestamp?: string; [name: string]: unknown },
): EteliosEvent<T>;

/** The consumer group of a service. */
export declare function getConsumerGroup(service: string): string;
