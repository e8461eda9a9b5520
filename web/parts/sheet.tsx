import type { ReactNode } from 'react';

/** A titled part of a screen. */
export function Sheet({
  title,
  id,
  note,
  end,
  flush = false,
  children,
}: {
  title: string;
  /** For links to it. */
  id?: string;
  note?: ReactNode;
  end?: ReactNode;
  /** For tables, which bring their own spacing. */
  flush?: boolean;
  children: ReactNode;
}): ReactNode {
  return (
    <section className="sheet" aria-label={title} {...(id === undefined ? {} : { id })}>
      <header>
        <h2>{title}</h2>
        {note === undefined ? null : <span className="soft small">{note}</span>}
        {end === undefined ? null : <span className="end">{end}</span>}
      </header>
      {flush ? (
        // What is wider than a narrow screen is scrolled with the keyboard too.
        <div className="scroll" tabIndex={0}>
          {children}
        </div>
      ) : (
        <div className="body">{children}</div>
      )}
    </section>
  );
}

/** The head of a screen: where one is, what it is, and what can be done with it. */
export function ScreenHead({
  title,
  above,
  below,
  actions,
}: {
  title: ReactNode;
  above?: ReactNode;
  below?: ReactNode;
  actions?: ReactNode;
}): ReactNode {
  return (
    <div className="screen-head">
      <div>
        {above === undefined ? null : <div className="soft small above">{above}</div>}
        <h1>{title}</h1>
        {below === undefined ? null : <div className="soft below">{below}</div>}
      </div>
      {actions === undefined ? null : <div className="actions noprint">{actions}</div>}
    </div>
  );
}
