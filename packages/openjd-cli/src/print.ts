/** A report as text: for people, or as JSON or YAML for programs. */
import type { Report } from './report.ts';

export type OutputFormat = 'human-readable' | 'json' | 'yaml';

/** Status, message, and the fields of the report. */
export const documentOfReport = ({ status, message, fields }: Report): Record<string, unknown> => ({
  status,
  message,
  ...fields,
});

export async function printed(report: Report, format: OutputFormat): Promise<string> {
  switch (format) {
    case 'human-readable':
      return `${report.text ?? report.message}\n`;
    case 'json':
      return `${JSON.stringify(documentOfReport(report), undefined, 4)}\n`;
    case 'yaml': {
      const { dump } = await import('js-yaml');
      return `${dump(documentOfReport(report), { seqNoIndent: true })}\n`;
    }
  }
}
