"""Spark over a list of names: RDD.pipe gives each partition's names to one jqe and takes its JSON lines.

    spark-submit docs/samples/spark/jqe_pipe.py quality hdfs:///names.txt hdfs:///results

The list holds a name a line, as the workers see the pictures. jqe has to be on the workers' PATH, or JQE names it. A
partition whose worker is lost is computed again by Spark, as a whole, and its output counts once: some hundred names each
cost little then.
"""
import os
import shlex
import sys

from pyspark.sql import SparkSession

NAMES_OF_A_PARTITION = 500


def command(verb, options=()):
    """The pipe's command: status 1 (all done, some pictures could not be read, their lines say why) is none to fail on."""
    tool = " ".join(shlex.quote(part) for part in [os.environ.get("JQE", "jqe"), verb, "-", "--json", "--threads", "1", *options])
    return f"sh -c {shlex.quote(tool + ' || [ $? -eq 1 ]')}"


def main(verb, names, results, *options):
    spark = SparkSession.builder.appName(f"jqe {verb}").getOrCreate()
    listed = spark.sparkContext.textFile(names)
    partitions = max(1, -(-listed.count() // NAMES_OF_A_PARTITION))
    # checkCode: a worker that was killed, or could not start, fails its partition instead of shortening it.
    listed.repartition(partitions).pipe(command(verb, options), checkCode=True).saveAsTextFile(results)
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
