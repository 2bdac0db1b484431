package org.halvs.check.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.halvs.check.CheckResult;
import org.halvs.check.CheckResult.Failed;
import org.halvs.check.CheckResult.Passed;
import org.halvs.check.CheckResult.Reason;
import org.halvs.check.CheckSpec.Exchange;
import org.halvs.check.Service;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** mysql against MariaDB, pgsql against PostgreSQL. */
class RealDatabasesTest {
    private static final Passed UP = new Passed("-");
    private static final Failed NO_ROW = new Failed(Reason.UNEXPECTED_ANSWER, "no row");

    @TempDir
    private Path directory;

    private static CheckResult sql(
            Service service, int port, String request, String login, String password, String database) {
        return Exchanges.hold(
                new Exchange(service, false, request, "", "GET", "", login, password, "", database),
                LocalProgram.at(port));
    }

    @Test
    void checksMariadb() throws IOException, InterruptedException {
        String mariadbd = LocalProgram.need("mariadbd", "mariadb-server");
        LocalProgram.needRoot();
        Path data = directory.resolve("data");
        LocalProgram.run(
                directory,
                LocalProgram.need("mariadb-install-db", "mariadb-server"),
                "--no-defaults",
                "--user=root",
                "--datadir=" + data,
                "--skip-test-db",
                "--auth-root-authentication-method=normal");
        Path init = Files.writeString(directory.resolve("init.sql"), """
                CREATE DATABASE shop;
                CREATE TABLE shop.t (a INT, b VARCHAR(20));
                INSERT INTO shop.t VALUES (1, 'one'), (2, 'two');
                CREATE USER u@'127.0.0.1' IDENTIFIED BY 'secret';
                GRANT SELECT ON shop.t TO u@'127.0.0.1';
                CREATE USER open@'127.0.0.1';
                """);
        int port = LocalProgram.freePort();
        try (LocalProgram server = LocalProgram.start(
                        directory,
                        mariadbd,
                        "--no-defaults",
                        "--user=root",
                        "--datadir=" + data,
                        "--socket=" + directory.resolve("s"),
                        "--pid-file=" + directory.resolve("pid"),
                        "--bind-address=127.0.0.1",
                        "--port=" + port,
                        "--skip-name-resolve",
                        "--innodb-buffer-pool-size=8M",
                        "--innodb-log-file-size=4M",
                        "--init-file=" + init)
                .awaitPort(port)) {
            assertThat(mysql(port, "/SELECT * FROM t", "secret", "shop"))
                    .as(server.output())
                    .isEqualTo(UP);
            assertThat(mysql(port, "SELECT 1", "secret", "")).isEqualTo(UP);
            assertThat(mysql(port, "SELECT REPEAT('x', 500000)", "secret", "")).isEqualTo(UP);
            assertThat(mysql(port, "SELECT * FROM t WHERE a > 9", "secret", "shop"))
                    .isEqualTo(NO_ROW);
            assertThat(mysql(port, "SET @x = 1", "secret", ""))
                    .isEqualTo(new Failed(Reason.UNEXPECTED_ANSWER, "a request that yields no rows"));
            assertThat(mysql(port, "SELECT * FROM nothing", "secret", "shop").detail())
                    .contains("denied");
            assertThat(mysql(port, "SELECT 1", "wrong", "").detail()).contains("Access denied for user 'u'");
            assertThat(sql(Service.MYSQL, port, "SELECT 1", "open", "", "")).isEqualTo(UP);
            assertThat(Exchanges.reason(mysql(port, "/", "secret", ""))).isEqualTo(Reason.NOT_POSSIBLE);
        }
    }

    private static CheckResult mysql(int port, String request, String password, String database) {
        return sql(Service.MYSQL, port, request, "u", password, database);
    }

    @Test
    void checksPostgresql() throws IOException, InterruptedException {
        LocalProgram.needRoot(); // PostgreSQL itself refuses to run as root, so it is started as its own user
        Path programs = Path.of("/usr/lib/postgresql/15/bin");
        assumeTrue(
                Files.isExecutable(programs.resolve("postgres")),
                "PostgreSQL 15 is not installed (Debian package postgresql-15)");
        String runuser = LocalProgram.need("runuser", "util-linux");
        Path home = Files.createDirectory(directory.resolve("home"));
        LocalProgram.openToAll(directory);
        LocalProgram.run(directory, "chown", "postgres", "" + home);
        Path data = home.resolve("data");
        LocalProgram.run(
                home, runuser, "-u", "postgres", "--", programs + "/initdb", "-D", "" + data, "-A", "trust", "-N");
        Files.writeString(data.resolve("pg_hba.conf"), """
                local all all trust
                host all scrammed 127.0.0.1/32 scram-sha-256
                host all hashed 127.0.0.1/32 md5
                host all plain 127.0.0.1/32 password
                host all trusted 127.0.0.1/32 trust
                """);
        int port = LocalProgram.freePort();
        try (LocalProgram server = LocalProgram.start(
                        home,
                        runuser,
                        "-u",
                        "postgres",
                        "--",
                        programs + "/postgres",
                        "-D",
                        "" + data,
                        "-k",
                        "" + home,
                        "-h",
                        "127.0.0.1",
                        "-F",
                        "-p",
                        "" + port)
                .awaitPort(port)) {
            LocalProgram.run(
                    home, runuser, "-u", "postgres", "--", "psql", "-h", "" + home, "-p", "" + port, "-c", """
                    CREATE USER scrammed PASSWORD 's3cret'; CREATE USER plain PASSWORD 's3cret'; CREATE USER trusted;
                    SET password_encryption = md5; CREATE USER hashed PASSWORD 's3cret';""");
            for (String user : List.of("scrammed", "hashed", "plain", "trusted")) {
                assertThat(sql(Service.PGSQL, port, "/SELECT 1", user, "s3cret", "postgres"))
                        .as(user + server.output())
                        .isEqualTo(UP);
            }
            for (String user : List.of("scrammed", "hashed", "plain")) {
                assertThat(sql(Service.PGSQL, port, "SELECT 1", user, "wrong", "postgres")
                                .detail())
                        .contains("password authentication failed");
            }
            assertThat(sql(Service.PGSQL, port, "SELECT 1 WHERE false", "trusted", "", "postgres"))
                    .isEqualTo(NO_ROW);
            assertThat(sql(Service.PGSQL, port, "SELECT * FROM x", "trusted", "", "postgres")
                            .detail())
                    .contains("does not exist");
            assertThat(sql(Service.PGSQL, port, "SELECT repeat('x', 500000)", "trusted", "", "postgres"))
                    .isEqualTo(UP);
            assertThat(sql(Service.PGSQL, port, "SELECT 1", "trusted", "", "nowhere")
                            .detail())
                    .contains("does not exist");
        }
    }
}
