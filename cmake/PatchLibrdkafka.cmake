# Run in librdkafka's copied source tree: `cmake -P PatchLibrdkafka.cmake`. Each change says why it is there and when
# it can go; a place that is not found any more stops the build.

# replace_once(<file> <old> <new>): also right when the tree was patched before.
function(replace_once file old new)
  file(READ ${file} text)
  string(FIND "${text}" "${new}" done)
  if(NOT done EQUAL -1)
    return()
  endif()
  string(FIND "${text}" "${old}" found)
  if(found EQUAL -1)
    message(FATAL_ERROR "${file}: the place to patch is not there; look whether the patch is still needed")
  endif()
  string(REPLACE "${old}" "${new}" text "${text}")
  file(WRITE ${file} "${text}")
endfunction()

# An idempotent producer has one request in flight a partition (its limit of 5 counts messages). While more messages wait
# for it with their linger time over, the broker thread is told to wake at once, finds that it may not send, and polls
# again without a pause: measured, half of the CPU time of producing. The answer that it waits for wakes it anyway.
# Goes when rd_kafka_toppar_producer_serve() looks at the requests in flight before it sets the wake-up time.
replace_once(src/rdkafka_broker.c
"                    rkb->rkb_state == RD_KAFKA_BROKER_STATE_UP ? next_wakeup
                                                               : NULL,"
"                    rkb->rkb_state == RD_KAFKA_BROKER_STATE_UP &&
                            (!rd_kafka_is_idempotent(rkb->rkb_rk) ||
                             rd_atomic32_get(&rktp->rktp_msgs_inflight) <
                                 RD_KAFKA_IDEMP_MAX_INFLIGHT)
                        ? next_wakeup
                        : NULL,")

# Each record carries the number of its headers. rd_kafka_message_headers() tells records without headers only by that
# number missing, so it builds a parser for one zero byte: measured, a third of the CPU time of consuming records without
# headers. Goes when the function looks at the number first.
replace_once(src/rdkafka_msg.c
"        if (unlikely(!RD_KAFKAP_BYTES_LEN(&rkm->rkm_u.consumer.binhdrs)))
                return RD_KAFKA_RESP_ERR__NOENT;
"
"        if (unlikely(!RD_KAFKAP_BYTES_LEN(&rkm->rkm_u.consumer.binhdrs)))
                return RD_KAFKA_RESP_ERR__NOENT;
        if (likely(RD_KAFKAP_BYTES_LEN(&rkm->rkm_u.consumer.binhdrs) == 1 &&
                   !*(const char *)rkm->rkm_u.consumer.binhdrs.data))
                return RD_KAFKA_RESP_ERR__NOENT;
")

# A message that the broker refuses for good (too large, invalid) leaves a gap in the sequence numbers of its partition.
# Outside of transactions librdkafka asks for a new epoch; in one it only has it aborted, and the first message of the
# next transaction is refused as out of order. Goes when rd_kafka_handle_Produce_error() bumps the epoch there too.
replace_once(src/rdkafka_request.c
"                         * an abortable transaction error. */
                        rd_kafka_txn_set_abortable_error(
"
"                         * an abortable transaction error. */
                        rd_kafka_txn_set_abortable_error_with_bump(
")

# An operation that reaches a consumer group just after its end was dropped without an answer, and its caller
# (rd_kafka_assign() and the like, without a timeout) waits for ever: seen when a group ends while a rebalance is answered.
# A queue that is disabled answers the same operations by _DESTROY. Goes when rd_kafka_cgrp_op_serve() answers them.
replace_once(src/rdkafka_cgrp.c
"        if (unlikely(rd_atomic32_get(&rkcg->rkcg_terminated) == rd_true)) {
                if (rko)
                        rd_kafka_op_destroy(rko);"
"        if (unlikely(rd_atomic32_get(&rkcg->rkcg_terminated) == rd_true)) {
                if (rko)
                        rd_kafka_op_reply(rko, RD_KAFKA_RESP_ERR__DESTROY);")
