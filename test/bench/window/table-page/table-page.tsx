import { createRoot } from "react-dom/client";
import { Bytes } from "../../../../renderer/components/bytes.tsx";
import { type Column, DataTable } from "../../../../renderer/components/data-table.tsx";
import { Visible } from "../../../../renderer/components/visible.tsx";

/** The table of the window's lists over 100,000 rows: no list of the product is let grow so long. */

interface Row {
  readonly id: number;
  readonly name: string;
  readonly sizeBytes: number;
}

const rows: readonly Row[] = Array.from({ length: 100_000 }, (_, id) => ({
  id,
  name: `table_${id}_of_a_schema_with_a_long_name`,
  sizeBytes: (id * 7919) % 1_000_000_007,
}));

const columns: readonly Column<Row>[] = [
  { key: "id", title: "Number", width: "120px", align: "right", cell: ({ id }) => id, compare: (a, b) => a.id - b.id },
  {
    key: "name",
    title: "Name",
    width: "minmax(220px, 1fr)",
    cell: ({ name }) => <Visible text={name} limit={56} />,
    compare: (a, b) => a.name.localeCompare(b.name),
  },
  { key: "size", title: "Size", width: "120px", align: "right", cell: ({ sizeBytes }) => <Bytes bytes={sizeBytes} /> },
  { key: "note", title: "Note", width: "1fr", cell: ({ id }) => `row ${id} of many`, mono: true },
];

createRoot(document.getElementById("root") ?? document.body).render(
  <div style={{ display: "flex", height: "100%" }}>
    <DataTable label="Rows" columns={columns} rows={rows} rowKey={({ id }) => id} focus="cell" />
  </div>,
);
