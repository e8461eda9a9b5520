import { useState, type ReactNode } from 'react';
import { FormModal, ReasonField } from './form-modal';

/** Asks for the reason of a governed change, which stands in the audit trail with it. */
export function ReasonForm({
  title,
  word,
  about,
  isSending,
  error,
  onSend,
  onClose,
}: {
  title: string;
  /** What the button says. */
  word: string;
  about?: ReactNode;
  isSending: boolean;
  error: Error | null;
  onSend: (reason: string) => void;
  onClose: () => void;
}): ReactNode {
  const [reason, setReason] = useState('');
  return (
    <FormModal
      {...{ title, word, onClose }}
      change={{ isPending: isSending, error }}
      isReady={reason.trim() !== ''}
      onSend={() => onSend(reason.trim())}
    >
      {about === undefined ? null : <div className="soft">{about}</div>}
      <ReasonField isFirst most={1000} value={reason} onChange={setReason} />
    </FormModal>
  );
}
