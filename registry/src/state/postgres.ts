/**
 * The project's database on PostgreSQL: a pool, transactions that are alone, hints and locks across processes.
 *
 * A transaction that may write first takes one lock for the whole database, so it sees what it would see on
 * SQLite: all that others committed, and nothing that changes under it. Connections that end are replaced; what
 * was under way on one fails with PIPL_DATABASE_AWAY, and whoever asked may ask again.
 */
import {
  CompiledQuery,
  PostgresDialect,
  PostgresDriver,
  type DatabaseConnection,
  type PostgresPool,
  type PostgresPoolClient,
  type TransactionSettings,
} from 'kysely';
import { Client, Pool, types as known, type ClientConfig } from 'pg';
import { postgresFailure } from './postgres-failure.ts';
import { startListening } from './postgres-listen.ts';
import { holdPostgresLock, lockNumbers, lockSpace, type HeldLock, type LockName } from './postgres-lock.ts';

export interface PostgresBackend {
  readonly is: 'postgres';
  /** Calls `hear` when some process said {@link notify}, and now and then without a reason. */
  listen(hear: () => void): { close(): Promise<void> };
  /** A hint for those who listen, in this and other processes: may get lost. */
  notify(): void;
  /** Waits until no other process has it. @throws what `signal` was aborted with */
  hold(name: LockName, signal: AbortSignal): Promise<HeldLock>;
}

const connections = 16;
const patience = 10_000;
/** int8 and numeric: counts, seqs and sizes all fit a number. */
const numberTypes = [20, 1700];

const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    numberTypes.includes(oid) ? Number : known.getTypeParser(oid, format as 'text'),
};

/** The tables have integers for booleans. */
const inputOf = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : value);

const begin = `begin; set local lock_timeout = '20s'; select pg_advisory_xact_lock(${lockSpace}, ${lockNumbers.writing})`;

class Driver extends PostgresDriver {
  override async beginTransaction(
    connection: DatabaseConnection,
    settings: TransactionSettings,
  ): Promise<void> {
    if (settings.accessMode === 'read only') await super.beginTransaction(connection, settings);
    else await connection.executeQuery(CompiledQuery.raw(begin));
  }
}

class Dialect extends PostgresDialect {
  readonly #pool: PostgresPool;
  constructor(pool: PostgresPool) {
    super({ pool });
    this.#pool = pool;
  }
  override createDriver(): PostgresDriver {
    return new Driver({ pool: this.#pool });
  }
}

/** Kysely's view of the pool: failures in our words, and a client that failed so is not used again. */
function plainWords(pool: Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw postgresFailure(error);
      });
      let broken = false;
      const asked = {
        async query(sql: string, parameters: readonly unknown[] = []) {
          try {
            return await (parameters.length === 0
              ? client.query(sql)
              : client.query(sql, parameters.map(inputOf)));
          } catch (error) {
            const failure = postgresFailure(error);
            broken ||= failure !== error;
            throw failure;
          }
        },
        release: () => client.release(broken),
      };
      return asked as unknown as PostgresPoolClient;
    },
  };
}

/** Acknowledged means on disk, and who stops in the middle of a transaction does not stop the others for ever. */
const settings = `select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off';
  set idle_in_transaction_session_timeout = '60s'`;

/** @throws PIPL_DATABASE_AWAY PIPL_DATABASE_REFUSED */
export async function openPostgres(
  url: string,
  password?: string,
): Promise<{ dialect: PostgresDialect; backend: PostgresBackend }> {
  const config: ClientConfig = {
    connectionString: url,
    ...(password === undefined ? {} : { password }),
    application_name: 'pipl',
    keepAlive: true,
    connectionTimeoutMillis: patience,
    types,
  };
  const pool = new Pool({
    ...config,
    max: connections,
    onConnect: async (client) => {
      await client.query(settings);
    },
  });
  // An idle connection that ends leaves the pool by itself; the next one who asks learns whether there is another.
  pool.on('error', () => undefined);
  // One that ends between two statements of a transaction: the next statement says so.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const clientOf = () => new Client(config);
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw postgresFailure(error);
  }
  return {
    dialect: new Dialect(plainWords(pool)),
    backend: {
      is: 'postgres',
      ...startListening(clientOf, pool),
      hold: (name, signal) => holdPostgresLock(clientOf, name, signal),
    },
  };
}
