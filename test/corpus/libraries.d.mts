export declare const libraries: readonly { readonly name: string }[];
