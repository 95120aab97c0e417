// A member of a group with Java's StickyAssignor: prints its partitions at each assignment, ends with its standard input.
// java -cp <Kafka's jars> StickyMember.java <bootstrap servers> <topic> <group>

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

public class StickyMember {
  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", args[0]);
    properties.put("group.id", args[2]);
    properties.put(
        "partition.assignment.strategy", "org.apache.kafka.clients.consumer.StickyAssignor");
    String bytes = "org.apache.kafka.common.serialization.ByteArrayDeserializer";
    properties.put("key.deserializer", bytes);
    properties.put("value.deserializer", bytes);
    KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(properties);
    Thread end =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {}
              } catch (java.io.IOException closed) {
                // As good as its end.
              }
              consumer.wakeup();
            });
    end.setDaemon(true);
    end.start();
    consumer.subscribe(List.of(args[1]), new Printer());
    try {
      while (true) consumer.poll(Duration.ofSeconds(1));
    } catch (WakeupException asked) {
      consumer.close();
    }
  }

  private static class Printer implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      System.out.println(
          partitions.stream()
              .map(partition -> Integer.toString(partition.partition()))
              .collect(Collectors.joining(",", "[", "]")));
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
  }
}
