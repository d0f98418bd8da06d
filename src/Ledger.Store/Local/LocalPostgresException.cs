namespace Ledger.Store.Local;

/// <summary>The private PostgreSQL cannot run as asked. The message is one sentence for the person at the keyboard:
/// what is wrong, where, and what to do; where the server itself refused, the tail of its log follows.</summary>
public sealed class LocalPostgresException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>This machine has no PostgreSQL that the ledger can run. The message is one sentence that says what to
/// install and what works without.</summary>
public sealed class PostgresNotFoundException(string message) : Exception(message);
