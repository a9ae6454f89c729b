/** What the command line can do, for whoever uses it. */
export const HELP = `npm run cli -- COMMAND

  create-admin --email ADDRESS [--name NAME]
      makes a super admin; for somebody new the password is read from the first line of standard
      input
  create-key --name NAME [--workspace SLUG] [--test] [--scopes SCOPE,…]
      makes a key of the API and prints it, this once; without --workspace it is a key of the
      service, which acts on all wallets; with --test on test wallets; scopes: all, if none is named
  revoke-key --prefix PREFIX
      ends a key at once; a key begins with its prefix: scrip_live_ and twelve characters
  add-webhook --url URL [--events EVENT,…] [--test]
      adds an endpoint of the seller, which is told of all live or test wallets, and prints the secret
      that signs its messages, this once; events: all, if none is named
  webhooks
      lists the seller's endpoints
  remove-webhook --id ID
      ends one of them
  verify [--seal SEAL]
      proves that the ledger adds up and is as it was sealed; prints each violation and ends with 1
      if there is one; with --seal also that an exported seal is still part of it
  seals [--export]
      says up to when the ledger is sealed; with --export prints the last seal, to be kept elsewhere
  reconcile [--since DATE]
      asks Stripe what was paid, given back and disputed since the last time or a day, takes in what
      no webhook has brought, and prints each day; ends with 1 if something does not agree
  set-price --operation CODE --rule FILE [--customer ID | --workspace SLUG] [--from TIME] [--name NAME]
      adds a version of a price, of components in JSON, for everybody or for one, from now on or from
      a later moment; with a name for an operation that was not sold before
  price-lab --operation CODE --rule FILE [--days N]
      prices what was used in the last N days (30) by the draft in a file, a list of components in
      JSON: what each customer was charged and would have been, and who would have run out
  grant --amount CREDITS --reason TEXT --key KEY (--customer ID | --workspace SLUG)
        [--source adjustment|promo|reward|welcome|import] [--test]
      gives credits, once for a key however often it is asked; the customer reads the reason
  preset [NAME] [--dry-run]
      puts on sale what a preset has and brings up to date what an older version of it made; without
      a name the preset that the database has. From another preset it goes over: what that one made is
      taken off sale. What somebody has changed stays, and is named; no past charge, order or
      subscription changes. With --dry-run it only says what it would do
  export --of entries|payments|audit [--from DAY] [--until DAY] [--format jsonl|csv]
         [--customer ID | --workspace SLUG]
      writes all of a period to standard output, a line each, however many there are
  export --of revenue-by-day|revenue-by-month|liability [--from DAY] [--until DAY]
         [--format jsonl|csv]
      the same of what the accountant wants: what was sold, what of it was earned and what is owed
      after it, by currency; or each lot that is owed for, as it is now
  import --of users|user_credits|credit_transactions|credit_logs|transactions --file FILE
         [--packages FILE] [--system NAME] [--dry-run]
      takes in a table in CSV of the system that a product used before: people, opening balances,
      history; each line once however often it is asked, and nothing while a line does not fit; with
      --dry-run only says what it would bring
  doctor
      looks at settings, database, secrets, jobs, Stripe and the mail server, and says what is wrong
      and how to mend it; ends with 1 if something is
  reseal
      encrypts every secret in the database with the newest ENCRYPTION_KEY; after it, older ones are
      needed no more; ends with 1 if some are of a key that is not named
  help`;
